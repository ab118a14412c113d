import FoundationEssentials
public import ImportCore
public import ImportSystem

/// Tells an exporter what became of a set, in `.results/` of the drop directory (`ResultFiles=yes`): `NAME.accepted`, or
/// `NAME.rejected.txt` for a set that was rejected or is held, and where outcomes are read `NAME.imported`,
/// `NAME.checked` (a dry run, which imports nothing) or `NAME.failed.txt` once its job has ended. The last result of a
/// name is the one that counts. A long NAME is shortened (``stem(of:)``).
public struct ResultFile: Sendable {
  /// What became of a set; the raw value is the end of the file's name.
  enum Kind: String, CaseIterable {
    case accepted = ".accepted"
    case rejected = ".rejected.txt"
    /// Its job ended, perhaps with errors.
    case imported = ".imported"
    /// Its dry run ended, perhaps with errors: nothing was imported.
    case checked = ".checked"
    case failed = ".failed.txt"

    /// The results that this one takes the place of. What became of the job stands next to `accepted`.
    fileprivate var replaced: [Kind] {
      switch self {
      case .accepted, .rejected: Self.allCases.filter { $0 != self }
      case .imported, .checked, .failed: Self.outcomes.filter { $0 != self }
      }
    }

    /// True for what became of a job, which ends long after its set was accepted.
    fileprivate var isOutcome: Bool { Self.outcomes.contains(self) }

    private static let outcomes: [Kind] = [.imported, .checked, .failed]
  }

  /// The folder in a drop directory. No set can have its name.
  public static let folder = ".results"

  /// What the set was dropped as: the folder, or the control file.
  let name: String
  let set: SetID
  let kind: Kind
  /// What stands in the file.
  let text: String

  /// Puts the file in place, whole or not at all, and takes the opposite one of this name away. Links are not followed,
  /// in place of the folder nor of a file. Repeating is harmless. Durable on return.
  public func write(in drop: Directory) throws(SystemError) {
    let results = try drop.openOrMakeGroupDirectory(Self.folder, for: "result")
    if kind.isOutcome, try isSuperseded(in: results) { return }
    try results.store(
      Array(text.utf8), as: fileName(kind), mode: 0o640, exact: true, replacing: true, for: "result")
    for other in kind.replaced { try results.removeIfThere(fileName(other), for: "result") }
  }

  /// True if the results of this name are those of a later set, which was dropped while the job ran.
  private func isSuperseded(in results: Directory) throws(SystemError) -> Bool {
    guard try results.status(fileName(.rejected)) == nil else { return true }
    let accepted = fileName(.accepted)
    guard try results.status(accepted) != nil else { return false }
    let text = String(decoding: try results.readFile(accepted, atMost: 16 << 20), as: UTF8.self)
    return !text.split(separator: "\n").contains("set: \(set)")
  }

  private func fileName(_ kind: Kind) -> String { Self.stem(of: name) + kind.rawValue }

  /// Bytes of a name that every kind of result can have as it is: a file name has 255 at most, `.rejected.txt` is 13 of
  /// them, and the name under which a file is written first has 5 more.
  private static let longestStem = 255 - 13 - 5

  /// The beginning of the results of a name: the name, or, of a long one, its beginning, `-`, and 8 hexadecimal digits of
  /// the SHA-256 of the whole name, so that two long names have results of their own.
  static func stem(of name: String) -> String {
    guard name.utf8.count > longestStem else { return name }
    let digest = SHA256.digest(of: Array(name.utf8)).prefix(4)
    let digits = digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    var beginning = ""
    for character in name.unicodeScalars {
      guard beginning.utf8.count + character.utf8.count <= longestStem - 9 else { break }
      beginning.unicodeScalars.append(character)
    }
    return "\(beginning)-\(digits)"
  }
}

extension ResultFile {
  /// The result of a set that is scheduled or skipped; nil for any other.
  public init?(accepted delivery: Delivery) {
    guard let receipt = Receipt(delivery, archived: delivery.claim.completed) else { return nil }
    let facts: [(String, String?)] = [
      ("set", receipt.set.text), ("source", receipt.source.text), ("name", receipt.name),
      ("result", receipt.result), ("mode", receipt.mode.rawValue), ("same-as", receipt.sameAs?.text),
      ("batch", receipt.batch?.text), ("completed", receipt.completed.rfc3339),
      ("scheduled", receipt.scheduled?.rfc3339),
    ]
    let lines = facts.compactMap { name, value in value.map { "\(name): \(PrintableText.escaping($0))" } }
    let files = receipt.files.map { file in
      "file: \(file.sha256) \(file.size) \(PrintableText.escaping(file.file))"
    }
    (name, set) = (receipt.name, receipt.set)
    kind = .accepted
    text = ([Self.headline(receipt), ""] + lines + files).joined(separator: "\n") + "\n"
  }

  private static func headline(_ receipt: Receipt) -> String {
    switch (receipt.batch, receipt.mode) {
    case (nil, _): "Not sent: the server has these very bytes from the set before."
    case (_, .dryRun): "The server has accepted this set for validation and imports nothing (dry run)."
    case (_, .import): "The server has accepted this set and imports it in its turn."
    }
  }

  /// The result of a set that was rejected or is held, for these reasons.
  public init(_ delivery: Delivery, as state: SetState, _ reason: Reason, at now: Timestamp) {
    (name, set) = (delivery.claim.name, delivery.set)
    kind = .rejected
    let headline =
      state == .held
      ? "Held: the importing site must decide about this set. Do not send it again until it has."
      : "Rejected: this set was not imported. Correct it, and send it again."
    let lines = [
      headline, "", "set: \(delivery.set)", "source: \(delivery.source)",
      "name: \(PrintableText.escaping(delivery.claim.name))", "result: \(state.rawValue.uppercased())",
      "completed: \(delivery.claim.completed.rfc3339)", "decided: \(now.rfc3339)", "", "What was wrong",
    ]
    let words = reason.text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { "  " + PrintableText.escaping(String($0)) }
    text = (lines + words).joined(separator: "\n") + "\n"
  }

  /// The result of a job that has ended; nil for one of which nothing is known.
  public init?(_ settled: SettledOutcome, _ receipt: Receipt) {
    let headline: String
    switch settled.outcome.state {
    case .imported: (kind, headline) = (.imported, "Imported without errors.")
    case .checked: (kind, headline) = (.checked, "Checked without errors; nothing was imported (dry run).")
    case .importedWithErrors:
      (kind, headline) = (.imported, "Imported with errors: records or values with errors are missing.")
    case .checkedWithErrors:
      (kind, headline) = (.checked, "Checked, with errors; nothing was imported (dry run).")
    case .failed:
      (kind, headline) = (.failed, "The import failed on the server. Correct the export, and send it again.")
    case .stuck:
      (kind, headline) = (
        .failed, "The import is stuck on the server. The importing site must act."
      )
    case .pending, .unknown: return nil
    }
    (name, set) = (receipt.name, receipt.set)
    let facts: [(String, String?)] = [
      ("set", receipt.set.text), ("source", receipt.source.text), ("name", receipt.name),
      ("result", settled.outcome.state.rawValue), ("errors", settled.outcome.errors.map(String.init)),
      ("mode", settled.mode.rawValue), ("batch", settled.batch.text),
      ("completed", receipt.completed.rfc3339),
      ("seen", settled.outcome.seen?.rfc3339),
    ]
    let lines = facts.compactMap { name, value in value.map { "\(name): \(PrintableText.escaping($0))" } }
    text = ([headline, ""] + lines).joined(separator: "\n") + "\n"
  }
}

/// The outcome of a set's job, as it is stored next to its receipt (`outcome.json`).
public struct OutcomeFile: Sendable {
  static let name = "outcome.json"
  private static let largest = 64 << 10

  private let settled: SettledOutcome

  public init(_ settled: SettledOutcome) { self.settled = settled }

  /// Stores the end of a job in the set's folder. Durable on return; repeating is harmless. A folder that is gone needs none,
  /// nor one whose receipt is that of another batch: the set was imported again. Blocks.
  public func store(in spool: Spool, _ area: SpoolArea) throws(SystemError) {
    let folder: Directory
    do {
      folder = try spool.root.fileSystem.openDirectory(spool.path(area, of: settled.set))
    } catch  where error.isMissing || error.isNotDirectory {
      return
    }
    if area == .archive, let receipt = ArchivedSet.receipt(in: folder), receipt.batch != settled.batch {
      return
    }
    try folder.store(
      StoredJSON.bytes(of: settled), as: Self.name, mode: 0o640, replacing: true, for: "outcome")
  }

  /// Reads the end of the job of `batch`; nil if it is not stored, or that of an earlier batch is.
  public static func outcome(in folder: Directory, of batch: BatchID?) -> JobOutcome? {
    let settled = StoredJSON.read(SettledOutcome.self, name, in: folder, atMost: largest)
    return settled.flatMap { batch != nil && $0.batch == batch ? $0.outcome : nil }
  }
}

/// The JSON files that the daemon stores in a set's folder: receipt, reason, outcome.
public enum StoredJSON {
  /// The bytes of a file with this value: one member a line, in the order of their names.
  public static func bytes(of value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else { preconditionFailure("every receipt can be encoded") }
    return Array(data) + [UInt8(ascii: "\n")]
  }

  /// Reads such a file; nil if it is missing, larger than `limit` bytes, or holds something else.
  static func read<Value: Decodable>(
    _ type: Value.Type, _ name: String, in folder: Directory, atMost limit: Int
  ) -> Value? {
    (try? folder.readFile(name, atMost: limit)).flatMap { try? JSONDecoder().decode(type, from: Data($0)) }
  }
}
