/// A scheduled set, as far as later ones are compared with it for equal bytes (`OnDuplicate=`): about 100 bytes, for a
/// thousand of them are kept for each source and mode.
public struct RememberedSet: Hashable, Sendable {
  /// The set.
  public var set: SetID
  /// When the server's answer was known.
  public var time: Timestamp
  /// What it was, and which server has it.
  public var content: ContentFingerprint
  /// Number of records in all its data files; nil if they were not counted, and in records of older versions.
  public var records: Int64?

  /// Takes all of them.
  public init(set: SetID, time: Timestamp, content: ContentFingerprint, records: Int64? = nil) {
    self.records = records
    self.set = set
    self.time = time
    self.content = content
  }
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
