/// A JSON text (RFC 8259) cut into its values, with nothing copied: what a line of the journal is decoded from.
/// `JSONDecoder` took 60 % of the time of a start with a long queue, for what it makes anew for each line.
///
/// It refers to bytes that it does not own, and is used only while they last (``decode(_:from:)``).
final class LineText {
  enum Kind: UInt8 {
    case object, array, number, word
    /// A string without escapes, and one with some.
    case plain, escaped
  }

  struct Value {
    var kind: Kind
    /// Where it stands; of a string, what is between the quotation marks.
    var start: Int
    var end = 0
    /// Index of the value that follows this one and all that is inside it.
    var next = 0
  }

  /// All values in the order of the text: an object's members as key and value in turn, an array's elements.
  let values: [Value]
  private let bytes: UnsafeBufferPointer<UInt8>

  /// Decodes a text; nil if it is not UTF-8, not well-formed JSON or none of this type.
  static func decode<Value: Decodable>(_ type: Value.Type, from text: ArraySlice<UInt8>) -> Value? {
    text.withUnsafeBufferPointer { bytes in
      guard String(validating: bytes, as: UTF8.self) != nil, let text = LineText(bytes) else { return nil }
      return try? Value(from: LineDecoder(text: text, index: 0))
    }
  }

  private init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    var scanner = LineScanner(bytes)
    guard scanner.takeText() else { return nil }
    self.bytes = bytes
    values = scanner.values
  }

  /// The bytes of a value as they are written.
  func content(of index: Int) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: bytes[values[index].start..<values[index].end])
  }

  /// True for `null`.
  func isNull(_ index: Int) -> Bool { values[index].kind == .word && bytes[values[index].start] == 0x6E }

  /// The text of a string; nil for anything else, and for one that is not UTF-8 or has an escape that means nothing.
  func string(_ index: Int) -> String? {
    switch values[index].kind {
    case .plain: return String(validating: content(of: index), as: UTF8.self)
    case .escaped:
      let text = JSONText(Array(bytes[(values[index].start - 1)...values[index].end]))
      // Half of a surrogate pair is only a warning elsewhere; the journal never has one.
      return text.findings.isEmpty ? text.value?.string : nil
    default: return nil
    }
  }

  /// The value of an object's member; of a doubled key the first one.
  func member(_ name: String, of object: Int) -> Int? {
    var name = name
    return name.withUTF8 { name in
      var key = object + 1
      while key < values[object].next {
        if isKey(key, name) { return key + 1 }
        key = values[key + 1].next
      }
      return nil
    }
  }

  private func isKey(_ index: Int, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
    if values[index].kind == .escaped { return string(index).map { Array($0.utf8) == Array(name) } ?? false }
    let own = content(of: index)
    guard own.count == name.count else { return false }
    for at in own.indices where own[at] != name[at] { return false }
    return true
  }
}

/// Cuts a JSON text into its values.
private struct LineScanner {
  private(set) var values: [LineText.Value] = []
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0
  private var depth = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    values.reserveCapacity(64)
  }

  /// Takes the one value that the text consists of. False: it is not well-formed.
  mutating func takeText() -> Bool {
    guard takeValue() else { return false }
    skipSpace()
    return position == bytes.count
  }

  private mutating func takeValue() -> Bool {
    skipSpace()
    guard position < bytes.count else { return false }
    switch bytes[position] {
    case UInt8(ascii: "{"): return takeList(.object, closing: UInt8(ascii: "}"))
    case UInt8(ascii: "["): return takeList(.array, closing: UInt8(ascii: "]"))
    case UInt8(ascii: "\""): return takeString()
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return takeNumber()
    case UInt8(ascii: "t"): return takeWord("true")
    case UInt8(ascii: "f"): return takeWord("false")
    default: return takeWord("null")
    }
  }

  private mutating func takeList(_ kind: LineText.Kind, closing: UInt8) -> Bool {
    guard depth < JSONText.depthLimit else { return false }
    depth += 1
    defer { depth -= 1 }
    let index = values.count
    values.append(LineText.Value(kind: kind, start: position))
    position += 1
    skipSpace()
    if !take(closing) {
      repeat {
        if kind == .object {
          skipSpace()
          guard position < bytes.count, bytes[position] == UInt8(ascii: "\""), takeString() else {
            return false
          }
          skipSpace()
          guard take(UInt8(ascii: ":")) else { return false }
        }
        guard takeValue() else { return false }
        skipSpace()
      } while take(UInt8(ascii: ","))
      guard take(closing) else { return false }
    }
    values[index].end = position
    values[index].next = values.count
    return true
  }

  private mutating func takeString() -> Bool {
    var at = position + 1
    var value = LineText.Value(kind: .plain, start: at)
    while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
      if bytes[at] < 32 { return false }
      if bytes[at] == UInt8(ascii: "\\") {
        value.kind = .escaped
        at += 1
      }
      at += 1
    }
    guard at < bytes.count else { return false }
    value.end = at
    position = at + 1
    return keep(value)
  }

  private mutating func takeNumber() -> Bool {
    var number = NumberPart.minus
    let start = position
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    while position < bytes.count, let next = number.after(bytes[position]) {
      number = next
      position += 1
    }
    return number.mayEnd && keep(LineText.Value(kind: .number, start: start, end: position))
  }

  private mutating func takeWord(_ word: StaticString) -> Bool {
    let end = position + word.utf8CodeUnitCount
    guard end <= bytes.count else { return false }
    for at in position..<end where bytes[at] != word.utf8Start[at - position] { return false }
    defer { position = end }
    return keep(LineText.Value(kind: .word, start: position, end: end))
  }

  private mutating func keep(_ value: LineText.Value) -> Bool {
    values.append(value)
    values[values.count - 1].next = values.count
    return true
  }

  private mutating func skipSpace() {
    while position < bytes.count, bytes[position] <= 32,
      [32, 9, 10, 13].contains(bytes[position])
    { position += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }
}
