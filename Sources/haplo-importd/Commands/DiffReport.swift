import FoundationEssentials
import ImportCore
import ImportService
import ImportSystem

/// Differences between the records of two sets, for people or for programs.
struct DiffReport {
  /// Records of each kind that are named to people.
  static let limit = 20

  private let old: ComparedSet
  private let new: ComparedSet
  private let recordKeys: [ExactText: String]
  private let command: String

  init(_ old: ComparedSet, _ new: ComparedSet, _ recordKeys: [ExactText: String], command: String) {
    self.old = old
    self.new = new
    self.recordKeys = recordKeys
    self.command = command
  }

  /// Prints it for people, and returns what the command ends with.
  func write(_ style: PageStyle) async throws(Failure) -> ExitStatus {
    try line("\(new.name) compared with \(old.name)", style)
    for note in removalNotes { try line(note, style) }
    return try await each { pair, key, compare in
      var page = DiffPage(pair.key, key)
      let counts = try await compare({ _ in }, { page.add($0) })
      for text in page.lines(counts, pair, old, new) { try line(text, style) }
    } failed: { pair, text throws(Failure) in
      try line("\(pair.key): \(Self.counts(pair)): \(text)", style)
    }
  }

  /// Prints it as lines of JSON: for each file a summary, and then each record that differs.
  func writeJSON() async throws(Failure) -> ExitStatus {
    let lines = JSONLines()
    // What was found before an error counts too.
    defer { try? lines.flush() }
    let status = try await each { pair, key, compare in
      _ = try await compare(
        { counts throws(Failure) in
          try lines.write(DiffSummary(new, old, pair, recordKey: key, counts, note: nil))
        },
        { change throws(Failure) in try lines.write(DiffLine(pair.key, change)) })
    } failed: { pair, text throws(Failure) in
      try lines.write(
        DiffSummary(new, old, pair, recordKey: recordKeys[ExactText(pair.key)], nil, note: text))
    }
    try lines.flush()
    return status
  }

  private typealias Counted = (RecordDiff.Counts) throws(Failure) -> Void
  private typealias Found = (RecordDiff.Change) throws(Failure) -> Void
  private typealias Compare = (@escaping Counted, @escaping Found) async throws -> RecordDiff.Counts

  private func each(
    _ body: (ComparedPair, String?, Compare) async throws -> Void,
    failed: (ComparedPair, String) throws(Failure) -> Void
  ) async throws(Failure) -> ExitStatus {
    var status = ExitStatus.done
    for pair in ComparedPair.pairs(old, new) {
      guard old.filesRemoved == nil, new.filesRemoved == nil else {
        try failed(pair, "its records cannot be compared any more")
        status = .notFound
        continue
      }
      do {
        let key = recordKeys[ExactText(pair.key)]
        let diff = RecordDiff(old: pair.old?.content, new: pair.new?.content, key: key)
        try await body(pair, key) { counted, found in try await diff.run(counted: counted, found: found) }
      } catch let failure as Failure {
        throw failure
      } catch let failure as RecordDiff.Failure {
        try failed(pair, failure.description)
        if case .broken = failure { status = .wrongData }
      } catch let error as SystemError {
        if error.isPermission { throw .forbidden(error, command: command) }
        guard error.isMissing else { throw .system(error) }
        try failed(pair, error.description)
        status = .notFound
      } catch {
        throw .bug("\(error)")
      }
    }
    return status
  }

  private var removalNotes: [String] {
    [old, new].compactMap { set in
      set.filesRemoved.map {
        "the files of set \(set.name) were deleted at \($0.rfc3339) (ArchiveFilesKeepSec=): only numbers of records are left"
      }
    }
  }

  private func line(_ text: String, _ style: PageStyle) throws(Failure) {
    for line in style.lines(text, indent: 4) { try StandardOutput.writeStyled(line) }
  }

  /// Numbers of records, as far as the sets' own records tell.
  private static func counts(_ pair: ComparedPair) -> String {
    func text(_ file: ComparedSet.File?) -> String {
      guard let file else { return "no file" }
      return file.records.map { DiffPage.records(Int(clamping: $0)) } ?? "an unknown number of records"
    }
    return "\(text(pair.new)), \(text(pair.old)) before"
  }
}

/// Lines of JSON, written many at a time: there may be one for each of a million records.
private final class JSONLines {
  private static let most = 1 << 16
  private let encoder = JSONEncoder()
  private var text = ""

  init() { encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes] }

  func write(_ value: some Encodable) throws(Failure) {
    guard let data = try? encoder.encode(value) else { preconditionFailure("\(type(of: value)) is not JSON") }
    text += String(decoding: data, as: UTF8.self) + "\n"
    if text.utf8.count >= Self.most { try flush() }
  }

  func flush() throws(Failure) {
    try StandardOutput.write(text)
    text = ""
  }
}

/// A record that differs, in JSON.
private struct DiffLine: Encodable {
  private let key, change, record: String
  private let fields: [String]

  init(_ key: String, _ change: RecordDiff.Change) {
    self.key = key
    self.change = change.kind.word
    record = change.record
    fields = change.fields
  }
}

extension RecordChanges.Change {
  /// As JSON names it.
  fileprivate var word: String {
    switch self {
    case .none: "none"
    case .removed: "removed"
    case .added: "added"
    case .changed: "changed"
    }
  }
}

/// Differences in one file, for people: numbers, and the first records of each kind.
private struct DiffPage {
  private let key: String
  private let recordKey: String?
  private var changes: [RecordChanges.Change: [RecordDiff.Change]] = [:]

  init(_ key: String, _ recordKey: String?) {
    self.key = key
    self.recordKey = recordKey
  }

  /// Keeps a record if it is among the first of its kind.
  mutating func add(_ change: RecordDiff.Change) {
    guard changes[change.kind, default: []].count < DiffReport.limit else { return }
    changes[change.kind, default: []].append(change)
  }

  func lines(_ counts: RecordDiff.Counts, _ pair: ComparedPair, _ old: ComparedSet, _ new: ComparedSet)
    -> [String]
  {
    var text = "\(key): \(Self.records(counts.now)), \(counts.before) before: "
    let parts = [(counts.added, "added"), (counts.removed, "removed"), (counts.changed, "changed")]
      .filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    text += parts.isEmpty ? "no difference" : parts.joined(separator: ", ")
    if let recordKey { text += " by '\(recordKey)'" }
    var lines = [text]
    if pair.old == nil { lines.append("  set \(old.name) has no such file") }
    if pair.new == nil { lines.append("  set \(new.name) has no such file") }
    if counts.withoutKey > 0 {
      lines.append(
        "  not compared: \(Self.records(counts.withoutKey)) without '\(recordKey ?? "")', in both sets")
    }
    if counts.repeated > 0 {
      lines.append(
        "  not compared: \(Self.records(counts.repeated)) whose '\(recordKey ?? "")' a later one has, in both sets"
      )
    }
    return lines + self.lines(.added, "+", counts.added) + self.lines(.removed, "-", counts.removed)
      + self.lines(.changed, "~", counts.changed)
  }

  private func lines(_ kind: RecordChanges.Change, _ sign: String, _ count: Int) -> [String] {
    let shown = changes[kind] ?? []
    let lines = shown.map { change in
      let name = recordKey == nil ? "record \(change.record)" : change.record
      return "  \(sign) \(name)" + (change.fields.isEmpty ? "" : ": \(change.fields.joined(separator: ", "))")
    }
    return count > shown.count
      ? lines + ["  \(sign) and \(count - shown.count) more (--json lists all)"] : lines
  }

  static func records(_ count: Int) -> String { "\(count) record\(count == 1 ? "" : "s")" }
}
