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

  /// Takes all of it.
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

  /// Takes a data file of the last scheduled set.
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
