/// A set that the server has scheduled, as far as later sets are compared with it.
public struct ScheduledSet: Hashable, Codable, Sendable {
  /// One data file.
  public struct File: Hashable, Codable, Sendable {
    /// Key of the control file's `files`.
    public var key: String
    /// SHA-256 of its bytes.
    public var sha256: SHA256Digest
    /// Size in bytes.
    public var size: Int64
    /// Number of records; nil if they were not counted, and in records of older versions.
    public var records: Int64?
    /// The field whose values were recorded as the keys of its records; nil if none were.
    public var recordKey: String?
  }

  /// The set.
  public var set: SetID
  /// The server that scheduled it, by its URL.
  public var server: String?
  /// The batch that was scheduled; nil in records that were written before this was kept.
  public var batch: BatchID?
  /// When its answer was known.
  public var time: Timestamp
  /// SHA-256 of the control file.
  public var control: SHA256Digest
  /// The data files.
  public var files: [File]

  /// Takes what is worth remembering of a set that has just been scheduled; nil for one whose files were not read.
  init?(_ delivery: Delivery, at time: Timestamp) {
    guard let manifest = delivery.manifest else { return nil }
    set = delivery.set
    server = delivery.server
    batch = delivery.batch
    self.time = time
    control = manifest.control.sha256
    files = manifest.files.map { File($0) }
  }

  /// Number of records in all data files; nil if those of one were not counted.
  public var records: Int64? { Int64.total(files.map(\.records)) }

  /// True if `manifest` stands for the same control file and the same bytes under the same keys.
  func hasSameContent(as manifest: Manifest) -> Bool {
    let digests = Dictionary(manifest.files.map { ($0.key, $0.content.sha256) }) { first, _ in first }
    return control == manifest.control.sha256 && files.count == digests.count
      && files.allSatisfy { digests[$0.key] == $0.sha256 }
  }
}

extension ScheduledSet.File {
  fileprivate init(_ entry: Manifest.Entry) {
    self.init(
      key: entry.key, sha256: entry.content.sha256, size: entry.content.size, records: entry.content.records,
      recordKey: entry.content.recordKey)
  }
}
