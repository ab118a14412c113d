/// A data file of a set, as far as the guards of its source look at it.
public struct GuardedFile: Hashable, Sendable {
  /// Key of the control file's `files`.
  public var key: String
  /// Size in bytes.
  public var size: Int64
  /// Number of records; nil if they were not counted.
  public var records: Int64?
  /// The field whose values were recorded as the keys of its records; nil if none were.
  public var recordKey: String?

  public init(key: String, size: Int64, records: Int64?, recordKey: String?) {
    self.key = key
    self.size = size
    self.records = records
    self.recordKey = recordKey
  }

  init(_ entry: Manifest.Entry) {
    self.init(
      key: entry.key, size: entry.content.size, records: entry.content.records,
      recordKey: entry.content.recordKey)
  }

  public init(_ file: ScheduledSet.File) {
    self.init(key: file.key, size: file.size, records: file.records, recordKey: file.recordKey)
  }
}

extension [GuardedFile] {
  /// The files by their keys, the first of each.
  var byKey: [ExactText: GuardedFile] { Dictionary(map { (ExactText($0.key), $0) }) { first, _ in first } }
}

extension ShrinkLimit {
  /// Describes each file that is too small. A file that is not there any more has lost everything.
  public func findings(_ files: [GuardedFile], since last: [GuardedFile]) -> [String] {
    let sizes = Dictionary(files.map { (ExactText($0.key), $0.size) }) { first, _ in first }
    return last.compactMap { old in
      guard let new = sizes[ExactText(old.key)] else {
        return "file '\(old.key)' is missing; it had \(old.size) bytes"
      }
      guard isExceeded(from: old.size, to: new) else { return nil }
      // Rounded up, so that it never looks like what is allowed.
      let lost = Int((Double(old.size - new) / Double(old.size) * 100).rounded(.up))
      return "file '\(old.key)' has \(new) bytes, \(lost)% less than the \(old.size) bytes it had"
    }
  }
}

extension RecordGuards {
  /// A setting as it is written, for people: its name and its value.
  public typealias Setting = (_ name: String, _ value: String) -> String

  /// All that speaks against sending a set with these files; nothing if they are as they should be.
  ///
  /// - Parameters:
  ///   - last: The files of the last scheduled set; nil if there is none.
  ///   - keys: What came of comparing record keys, as ``demands(_:since:)`` asked for it.
  ///   - setting: Writes a setting.
  public func findings(
    _ files: [GuardedFile], since last: [GuardedFile]?, keys: [ExactText: RecordKeyComparison],
    _ setting: Setting
  ) -> [String] {
    let few = tooFew(files, setting)
    guard let last else {
      return firstSet == .hold
        ? few + ["no set of the source was scheduled in this mode before: \(setting("FirstSet", "hold"))"]
        : few
    }
    return few + changed(files, last, setting) + removed(files, last, keys, setting)
      + (firstSet == .hold ? incomparable(files, last, setting) : [])
  }

  /// The data files whose record keys are to be compared with those of the last set.
  public func demands(_ files: [GuardedFile], since last: [GuardedFile]) -> [RecordKeyDemand] {
    guard removalLimit != nil else { return [] }
    let files = files.byKey
    return last.compactMap { old in
      guard let field = recordKeys[ExactText(old.key)], let recorded = old.recordKey,
        ExactText(recorded) == ExactText(field)
      else { return nil }
      let file = files[ExactText(old.key)]
      let isRecorded = file?.recordKey.map(ExactText.init) == ExactText(field)
      return RecordKeyDemand(key: old.key, field: field, isThere: file != nil, isRecorded: isRecorded)
    }
  }

  /// Files with fewer records than `MinRecords=` wants. A file that is missing has none.
  private func tooFew(_ files: [GuardedFile], _ setting: Setting) -> [String] {
    let known = Set(files.map { ExactText($0.key) })
    let missing = minRecordsByKey.keys.filter { !known.contains($0) }.sorted().map {
      GuardedFile(key: $0.text, size: 0, records: 0, recordKey: nil)
    }
    return (files + missing).compactMap { file in
      guard let (least, name) = least(of: file.key), file.records ?? 0 < least else { return nil }
      let limit = setting(name, String(least))
      if !known.contains(ExactText(file.key)) { return "file '\(file.key)' is missing: \(limit)" }
      guard let records = file.records else {
        return "the records of file '\(file.key)' were not counted: \(limit)"
      }
      return "file '\(file.key)' has \(Self.count(records)), fewer than \(least): \(limit)"
    }
  }

  /// Files whose number of records differs too much. One that is missing has none; one that is new has nothing to differ from.
  private func changed(_ files: [GuardedFile], _ last: [GuardedFile], _ setting: Setting) -> [String] {
    guard let changeLimit else { return [] }
    let limit = setting("ChangeLimit", changeLimit.description)
    let files = files.byKey
    return last.compactMap { old in
      guard let before = old.records else { return nil }
      guard let file = files[ExactText(old.key)] else {
        guard changeLimit.isExceeded(from: before, to: 0) else { return nil }
        return "file '\(old.key)' is missing; it had \(Self.count(before)): \(limit)"
      }
      guard let now = file.records else {
        return "the records of file '\(old.key)' were not counted; it had \(Self.count(before)): \(limit)"
      }
      guard changeLimit.isExceeded(from: before, to: now) else { return nil }
      let share = before == 0 ? "" : "\(Share.text(max(before, now) - min(before, now), of: before)) "
      return "file '\(old.key)' has \(Self.count(now)), \(share)\(now < before ? "fewer" : "more") than "
        + "the \(before) it had: \(limit)"
    }
  }

  /// Files in which too many record keys of the last set are missing.
  private func removed(
    _ files: [GuardedFile], _ last: [GuardedFile], _ keys: [ExactText: RecordKeyComparison],
    _ setting: Setting
  ) -> [String] {
    guard let removalLimit else { return [] }
    let limit = setting("RemovalLimit", removalLimit.description)
    let files = files.byKey
    return last.compactMap { old in
      guard let comparison = keys[ExactText(old.key)] else { return nil }
      switch comparison {
      case .failed(let reason):
        return "the record keys of file '\(old.key)' cannot be compared: \(reason): \(limit)"
      case .counted(let before, let missing):
        guard removalLimit.isExceeded(missing: missing, of: before) else { return nil }
        let now = files[ExactText(old.key)]?.records
        let counts =
          now.map { "; it has \(Self.count($0)), and had \(old.records ?? before)" }
          ?? "; the file is missing"
        return "file '\(old.key)' lacks \(missing) of the \(before) record keys it had "
          + "(\(Share.text(missing, of: before)))\(counts): \(limit)"
      }
    }
  }

  /// Counts and keys that the last set lacks for a comparison, because it was sent before the guard was set.
  /// A file of a reader that nobody counts has no records in either.
  private func incomparable(_ files: [GuardedFile], _ last: [GuardedFile], _ setting: Setting) -> [String] {
    let hold = setting("FirstSet", "hold")
    let files = files.byKey
    return last.compactMap { old in
      if changeLimit != nil, old.records == nil, files[ExactText(old.key)]?.records != nil {
        return "the records of file '\(old.key)' in the last set were not counted: \(hold)"
      }
      guard removalLimit != nil, let field = recordKeys[ExactText(old.key)],
        files[ExactText(old.key)]?.recordKey.map(ExactText.init) == ExactText(field),
        old.recordKey.map(ExactText.init) != ExactText(field)
      else { return nil }
      return "the record keys '\(field)' of file '\(old.key)' in the last set were not recorded: \(hold)"
    }
  }

  private static func count(_ records: Int64) -> String { "\(records) record\(records == 1 ? "" : "s")" }
}
