/// A value that is written in JSON as a plain string and refused on reading when it breaks its own rule.
protocol TextCoded: Codable {
  init?(_ text: String)
  var text: String { get }
}

extension TextCoded {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let value = Self(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a \(Self.self): '\(text)'")
    }
    self = value
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

extension SourceName: TextCoded {}
extension SetID: TextCoded {}
extension BatchID: TextCoded {}
extension SHA256Digest: TextCoded {
  init?(_ text: String) { self.init(hex: text) }
  var text: String { hex }
}
extension Timestamp: TextCoded {
  var text: String { rfc3339Precise }
}
