/// Encodes values with a ``LineWriter``. Of numbers there are only whole ones, for the journal has no others. A type is
/// to finish each container before it adds something to the one around it; one that does not is a mistake of the program.
struct LineEncoder: Encoder {
  /// The line that all encoders of its parts write to.
  final class Line {
    var writer: LineWriter
    init(_ writer: consuming LineWriter) { self.writer = writer }
  }

  let line: Line
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy _: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(MemberEncoder(line: line, object: line.writer.beginObject()))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    ElementEncoder(line: line, array: line.writer.beginArray())
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { self }
}

extension LineEncoder: SingleValueEncodingContainer {
  func encodeNil() { line.writer.write("null" as StaticString) }
  func encode(_ value: Bool) { line.writer.write(value ? "true" : "false" as StaticString) }
  func encode(_ value: String) { line.writer.write(value) }
  func encode(_: Double) { noFractions() }
  func encode(_: Float) { noFractions() }
  func encode<Value: FixedWidthInteger & Encodable>(_ value: Value) { line.writer.write(value) }
  func encode<Value: Encodable>(_ value: Value) throws { try value.encode(to: self) }
}

/// The members of an object.
private struct MemberEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let line: LineEncoder.Line
  let object: Int
  var codingPath: [any CodingKey] { [] }

  func encodeNil(forKey key: Key) { encoder(for: key).encodeNil() }
  func encode(_ value: Bool, forKey key: Key) { encoder(for: key).encode(value) }
  func encode(_ value: String, forKey key: Key) { encoder(for: key).encode(value) }
  func encode(_: Double, forKey _: Key) { noFractions() }
  func encode(_: Float, forKey _: Key) { noFractions() }
  func encode(_ value: Int, forKey key: Key) { encoder(for: key).encode(value) }
  func encode(_ value: Int64, forKey key: Key) { encoder(for: key).encode(value) }
  func encode(_ value: UInt64, forKey key: Key) { encoder(for: key).encode(value) }
  func encode<Value: FixedWidthInteger & Encodable>(_ value: Value, forKey key: Key) {
    encoder(for: key).encode(value)
  }
  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
    try value.encode(to: encoder(for: key))
  }

  func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type, forKey key: Key)
    -> KeyedEncodingContainer<Inner>
  { encoder(for: key).container(keyedBy: type) }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    encoder(for: key).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { noSuperclass() }
  func superEncoder(forKey _: Key) -> any Encoder { noSuperclass() }

  private func encoder(for key: Key) -> LineEncoder {
    line.writer.beginMember(key.stringValue, of: object)
    return LineEncoder(line: line)
  }
}

/// The elements of an array.
private struct ElementEncoder: UnkeyedEncodingContainer {
  let line: LineEncoder.Line
  let array: Int
  private(set) var count = 0
  var codingPath: [any CodingKey] { [] }

  init(line: LineEncoder.Line, array: Int) {
    self.line = line
    self.array = array
  }

  mutating func encodeNil() { next().encodeNil() }
  mutating func encode(_ value: Bool) { next().encode(value) }
  mutating func encode(_ value: String) { next().encode(value) }
  mutating func encode(_: Double) { noFractions() }
  mutating func encode(_: Float) { noFractions() }
  mutating func encode<Value: FixedWidthInteger & Encodable>(_ value: Value) { next().encode(value) }
  mutating func encode<Value: Encodable>(_ value: Value) throws { try value.encode(to: next()) }

  mutating func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type) -> KeyedEncodingContainer<Inner> {
    next().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { next().unkeyedContainer() }

  mutating func superEncoder() -> any Encoder { noSuperclass() }

  private mutating func next() -> LineEncoder {
    line.writer.beginElement(of: array)
    count += 1
    return LineEncoder(line: line)
  }
}

private func noFractions() -> Never { preconditionFailure("the journal has whole numbers only") }

private func noSuperclass() -> Never { preconditionFailure("no type of the journal has a superclass") }
