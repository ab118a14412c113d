/// Takes the values of a JSON text as ``JSONParser`` meets them. Offsets are bytes from the beginning of the text.
protocol JSONConsumer: Sendable {
  /// An error about a value. Its description is made only if the error is kept.
  associatedtype Problem: CustomStringConvertible

  /// True for a consumer that wants the texts of keys, strings, numbers and words; without them the parser is faster.
  static var takesText: Bool { get }
  /// Some bytes of the text of the current key or value, escapes decoded; of a number or word all but the first byte.
  mutating func takeText(_ piece: UnsafeRawBufferPointer, _ range: Range<Int>)
  /// One such byte.
  mutating func takeText(_ byte: UInt8)

  /// A value begins with the byte `first`, inside `depth` arrays and objects. Returns an error about it, or nil.
  mutating func beginValue(_ first: UInt8, at offset: Int, depth: Int) -> Problem?
  /// A key begins at its quotation mark.
  mutating func beginKey(at offset: Int)
  /// A key ended: its hash, and false if it is a duplicate.
  mutating func endKey(_ hash: FieldNameHash, isNew: Bool, depth: Int)
  /// A string, key or value, ended: `offset` is its closing quotation mark.
  mutating func endString(at offset: Int, hasEscapes: Bool)
  /// A number or word ended before `offset`.
  mutating func endScalar(at offset: Int)
  /// The innermost array or object ended before `offset`.
  mutating func close(at offset: Int)
}

extension JSONConsumer {
  static var takesText: Bool { false }
  mutating func takeText(_ piece: UnsafeRawBufferPointer, _ range: Range<Int>) {}
  mutating func takeText(_ byte: UInt8) {}
}
