/// Cuts a JSON text into its values.
struct LineScanner {
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
