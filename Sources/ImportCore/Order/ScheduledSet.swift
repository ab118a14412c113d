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

/// A scheduled set, as far as later ones are compared with it for equal bytes (`OnDuplicate=`): about 100 bytes, for a
/// thousand of them are kept for each source and mode.
public struct RememberedSet: Hashable, Sendable {
  public var set: SetID
  /// When the server's answer was known.
  public var time: Timestamp
  /// Its content, and the server that has it.
  public var content: ContentFingerprint
  /// Number of records in all its data files; nil if they were not counted, and in records of older versions.
  public var records: Int64?
}

/// One text in the journal of three words, or four: set, microseconds since 1970, fingerprint, number of records.
extension RememberedSet: Codable {
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    let records = words.count == 4 ? Int64(words[3]) : nil
    guard words.count == 3 || records != nil, let set = SetID(String(words[0])), let time = Int64(words[1]),
      let content = ContentFingerprint(hex: words[2])
    else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "not a remembered set: \(text)"))
    }
    self.init(set: set, time: Timestamp(microseconds: time), content: content, records: records)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode("\(set) \(time.microseconds) \(content.hex)" + (records.map { " \($0)" } ?? ""))
  }
}

/// 128 bits that stand for a server's URL, a control file, and the data files under their keys. They are mixed from
/// SHA-256 digests, so that two different contents share them by chance only once in 2^128. An exporter that computes
/// a collision deceives only the comparison of its own sets.
public struct ContentFingerprint: Hashable, Sendable {
  private var high: UInt64
  private var low: UInt64

  /// Mixes what a set stands for. The order of the files does not matter.
  public init(_ manifest: Manifest, server: String) {
    (high, low) = (Self.hash("server"), Self.hash(server))
    add(manifest.control.sha256, as: "control file")
    for file in manifest.files { add(file.content.sha256, as: "file " + file.key) }
  }

  /// Reads 32 hexadecimal digits; nil for anything else.
  init?(hex: Substring) {
    guard hex.utf8.count == 32, let high = UInt64(hex.prefix(16), radix: 16),
      let low = UInt64(hex.suffix(16), radix: 16)
    else { return nil }
    (self.high, self.low) = (high, low)
  }

  /// As 32 hexadecimal digits.
  public var hex: String { Self.digits(high) + Self.digits(low) }

  private mutating func add(_ digest: SHA256Digest, as key: String) {
    high &+= Self.mixed(Self.hash(key + "\u{0}" + digest.hex))
    low &+= Self.mixed(Self.hash(digest.hex + "\u{0}" + key))
  }

  /// FNV-1a, which is the same on every machine and in every run.
  private static func hash(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// The last step of SplitMix64: sums of FNV hashes alone would be too regular.
  private static func mixed(_ value: UInt64) -> UInt64 {
    var value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }

  private static func digits(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
