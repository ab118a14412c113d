/// Decodes values from a ``LineText``. Of a number only whole ones are read, for the journal has no others. It says
/// neither what is wrong nor where: a line that cannot be decoded is named as a whole.
struct LineDecoder: Decoder {
  /// Why a value could not be decoded.
  struct Failure: Error {}

  let text: LineText
  let index: Int
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard text.values[index].kind == .object else { throw Failure() }
    return KeyedDecodingContainer(LineMembers(text: text, object: index))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard text.values[index].kind == .array else { throw Failure() }
    return LineElements(text: text, array: index)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  fileprivate func string() throws -> String {
    guard let string = text.string(index) else { throw Failure() }
    return string
  }

  fileprivate func boolean() throws -> Bool {
    guard text.values[index].kind == .word, !text.isNull(index) else { throw Failure() }
    return text.content(of: index).count == 4
  }

  @inline(__always)
  fileprivate func integer<Value: FixedWidthInteger>() throws -> Value {
    let (isNegative, magnitude) = try wholeNumber()
    let value = isNegative ? Value(exactly: 0 - Int128(magnitude)) : Value(exactly: magnitude)
    guard let value else { throw Failure() }
    return value
  }

  private func wholeNumber() throws -> (isNegative: Bool, magnitude: UInt64) {
    guard text.values[index].kind == .number else { throw Failure() }
    let digits = text.content(of: index)
    let isNegative = digits[0] == UInt8(ascii: "-")
    var value: UInt64 = 0
    for digit in digits[(isNegative ? 1 : 0)...] {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { throw Failure() }
      let (tenfold, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, isBeyond) = tenfold.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
      if isTooLarge || isBeyond { throw Failure() }
      value = sum
    }
    return (isNegative, value)
  }
}

extension LineDecoder: SingleValueDecodingContainer {
  func decodeNil() -> Bool { text.isNull(index) }
  func decode(_: String.Type) throws -> String { try string() }
  func decode(_: Bool.Type) throws -> Bool { try boolean() }
  func decode(_: Double.Type) throws -> Double { throw Failure() }
  func decode(_: Float.Type) throws -> Float { throw Failure() }
  func decode<Value: FixedWidthInteger & Decodable>(_: Value.Type) throws -> Value { try integer() }
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try Value(from: self) }
}

/// The members of an object.
private struct LineMembers<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let text: LineText
  let object: Int
  var codingPath: [any CodingKey] { [] }

  var allKeys: [Key] {
    var keys: [Key] = []
    var at = object + 1
    while at < text.values[object].next {
      if let key = text.string(at).flatMap({ Key(stringValue: $0) }) { keys.append(key) }
      at = text.values[at + 1].next
    }
    return keys
  }

  func contains(_ key: Key) -> Bool { text.member(key.stringValue, of: object) != nil }

  func decodeNil(forKey key: Key) throws -> Bool { text.isNull(try value(of: key).index) }

  func decode(_: String.Type, forKey key: Key) throws -> String { try value(of: key).string() }
  func decode(_: Bool.Type, forKey key: Key) throws -> Bool { try value(of: key).boolean() }
  func decode(_: Double.Type, forKey key: Key) throws -> Double { throw LineDecoder.Failure() }
  func decode(_: Float.Type, forKey key: Key) throws -> Float { throw LineDecoder.Failure() }
  func decode(_: Int.Type, forKey key: Key) throws -> Int { try value(of: key).integer() }
  func decode(_: Int64.Type, forKey key: Key) throws -> Int64 { try value(of: key).integer() }
  func decode(_: UInt64.Type, forKey key: Key) throws -> UInt64 { try value(of: key).integer() }
  func decode<Value: FixedWidthInteger & Decodable>(_: Value.Type, forKey key: Key) throws -> Value {
    try value(of: key).integer()
  }
  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try Value(from: value(of: key))
  }

  // The default looks for the key three times.
  func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
    guard let index = text.member(key.stringValue, of: object), !text.isNull(index) else { return nil }
    return try Value(from: LineDecoder(text: text, index: index))
  }

  func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type, forKey key: Key) throws
    -> KeyedDecodingContainer<Inner>
  { try value(of: key).container(keyedBy: type) }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try value(of: key).unkeyedContainer()
  }

  // No type of the journal has a superclass.
  func superDecoder() throws -> any Decoder { throw LineDecoder.Failure() }
  func superDecoder(forKey key: Key) throws -> any Decoder { throw LineDecoder.Failure() }

  private func value(of key: Key) throws -> LineDecoder {
    guard let index = text.member(key.stringValue, of: object) else { throw LineDecoder.Failure() }
    return LineDecoder(text: text, index: index)
  }
}

/// The elements of an array, one after another.
private struct LineElements: UnkeyedDecodingContainer {
  let text: LineText
  let array: Int
  private var at: Int
  private(set) var currentIndex = 0
  var codingPath: [any CodingKey] { [] }

  init(text: LineText, array: Int) {
    self.text = text
    self.array = array
    at = array + 1
  }

  /// Not counted beforehand: it would only make room.
  var count: Int? { nil }
  var isAtEnd: Bool { at >= text.values[array].next }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, text.isNull(at) else { return false }
    _ = try next()
    return true
  }

  mutating func decode(_: String.Type) throws -> String { try next().string() }
  mutating func decode(_: Bool.Type) throws -> Bool { try next().boolean() }
  mutating func decode(_: Double.Type) throws -> Double { throw LineDecoder.Failure() }
  mutating func decode(_: Float.Type) throws -> Float { throw LineDecoder.Failure() }
  mutating func decode<Value: FixedWidthInteger & Decodable>(_: Value.Type) throws -> Value {
    try next().integer()
  }
  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try Value(from: next()) }

  mutating func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type) throws
    -> KeyedDecodingContainer<Inner>
  { try next().container(keyedBy: type) }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try next().unkeyedContainer()
  }

  mutating func superDecoder() throws -> any Decoder { throw LineDecoder.Failure() }

  private mutating func next() throws -> LineDecoder {
    if isAtEnd { throw LineDecoder.Failure() }
    defer {
      at = text.values[at].next
      currentIndex += 1
    }
    return LineDecoder(text: text, index: at)
  }
}
