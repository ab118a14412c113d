extension JSONParser {
  /// Takes a byte order mark at the very beginning, which the server's parser refuses.
  mutating func takeMark(_ piece: UnsafeRawBufferPointer, _ start: Int) -> Int {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    guard piece[start] == mark[partCount] else {
      if partCount > 0 {
        return fail(Failure(place: TextPlace(), offset: 0, message: "expected a value"), start)
      }
      state = .value
      return start
    }
    partCount += 1
    if partCount == mark.count {
      note(.error, TextPlace(), "the file begins with a byte order mark (BOM); the server does not read it")
      state = .value
    }
    return start + 1
  }

  /// Takes everything but the inside of numbers and words, and whole strings with it.
  mutating func takeStructure(_ piece: UnsafeRawBufferPointer, _ start: Int) -> Int {
    var at = start
    while at < piece.count {
      switch piece[at] {
      case 32, 9, 13: at += 1
      case 10:
        line += 1
        lineStart = consumed + at + 1
        at += 1
      case let byte:
        at = takeStructure(byte, at)
        if state == .string, at < piece.count { at = takeString(piece, at) }
        if !state.isStructure { return at }
      }
    }
    return at
  }

  @inline(__always)
  private mutating func takeStructure(_ byte: UInt8, _ at: Int) -> Int {
    switch state {
    case .value: return beginValue(byte, at)
    case .elementOrEnd: return byte == UInt8(ascii: "]") ? close(at) : beginValue(byte, at)
    case .keyOrEnd: return byte == UInt8(ascii: "}") ? close(at) : beginKey(byte, at)
    case .key: return beginKey(byte, at)
    case .colon:
      guard byte == UInt8(ascii: ":") else {
        return fail(at, "expected ':' after the key, found \(Self.shown(byte))")
      }
      state = .value
      return at + 1
    default: return takeAfterValue(byte, at)
    }
  }

  @inline(__always)
  private mutating func takeAfterValue(_ byte: UInt8, _ at: Int) -> Int {
    guard let isObject = containers.last else {
      let text = "expected the end of the file after its one value, found \(Self.shown(byte))"
      return failInFirstLine(Failure(place: place(at), offset: consumed + at, message: text), at)
    }
    if byte == UInt8(ascii: ",") {
      state = isObject ? .key : .value
      return at + 1
    }
    if byte == UInt8(ascii: isObject ? "}" : "]") { return close(at) }
    return fail(at, "expected ',' or '\(isObject ? "}" : "]")', found \(Self.shown(byte))")
  }

  @inline(__always)
  private mutating func beginKey(_ byte: UInt8, _ at: Int) -> Int {
    guard byte == UInt8(ascii: "\"") else {
      let isComma = state == .key && byte == UInt8(ascii: "}")
      return fail(at, "expected a quoted key, found \(Self.shown(byte))\(isComma ? Self.trailingComma : "")")
    }
    consumer.beginKey(at: consumed + at)
    return beginString(at, isKey: true)
  }

  @inline(__always)
  private mutating func beginValue(_ byte: UInt8, _ at: Int) -> Int {
    switch byte {
    case UInt8(ascii: "\""):
      announce(byte, at)
      return beginString(at, isKey: false)
    case UInt8(ascii: "{"): return open(isObject: true, byte, at)
    case UInt8(ascii: "["): return open(isObject: false, byte, at)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      announce(byte, at)
      return beginNumber(byte, at)
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
      if byte == UInt8(ascii: "t") || byte == UInt8(ascii: "f") || byte == UInt8(ascii: "n") {
        announce(byte, at)
      }
      return beginWord(byte, at)
    default: return missingValue(byte, at)
    }
  }

  @inline(never)
  private mutating func missingValue(_ byte: UInt8, _ at: Int) -> Int {
    let isComma = state == .value && byte == UInt8(ascii: "]") && containers.last == false
    let hint =
      switch byte {
      case UInt8(ascii: "]") where isComma: Self.trailingComma
      case UInt8(ascii: "/"), UInt8(ascii: "#"): " (JSON has no comments)"
      case UInt8(ascii: "'"): " (JSON strings have double quotes)"
      case UInt8(ascii: "<") where containers.isEmpty: " (the file looks like XML)"
      default: ""
      }
    return fail(at, "expected a value, found \(Self.shown(byte))\(hint)")
  }

  @inline(__always)
  private mutating func announce(_ byte: UInt8, _ at: Int) {
    if let problem = consumer.beginValue(byte, at: consumed + at, depth: containers.count) {
      note(.error, place(at), problem.description)
    }
  }

  @inline(__always)
  private mutating func beginString(_ at: Int, isKey: Bool) -> Int {
    token = place(at)
    tokenOffset = consumed + at
    self.isKey = isKey
    hasEscapes = false
    if isKey { hash = FieldNameHash() }
    state = .string
    return at + 1
  }

  private mutating func open(isObject: Bool, _ byte: UInt8, _ at: Int) -> Int {
    guard containers.count < Self.depthLimit else { return fail(at, "nested deeper than \(Self.depthLimit)") }
    announce(byte, at)
    containers.append(isObject)
    if isObject { keys.open() }
    state = isObject ? .keyOrEnd : .elementOrEnd
    return at + 1
  }

  private mutating func close(_ at: Int) -> Int {
    if containers.removeLast() { keys.close() }
    consumer.close(at: consumed + at + 1)
    state = .after
    return at + 1
  }

  static var trailingComma: String { " (trailing comma?)" }

  /// A byte for people: the character in quotes, or its number where it is not printable ASCII.
  static func shown(_ byte: UInt8) -> String {
    (33..<127).contains(byte)
      ? "'\(Character(UnicodeScalar(byte)))'"
      : "the byte 0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  // MARK: The end of the file

  mutating func end() {
    let here = Failure(place: place(0), offset: consumed, message: "")
    let expected: String? =
      switch state {
      case .mark, .value, .elementOrEnd: "a value"
      case .keyOrEnd, .key: "a quoted key"
      case .colon: "':'"
      case .number where !number.mayEnd: "a digit"
      case .number, .after: containers.last.map { "',' or '\($0 ? "}" : "]")'" }
      default: nil
      }
    switch state {
    case .failed, .diagnosing: return
    case .word:
      failure = wordProblem()
      if failure == nil { endAfterScalar(here) }
    case .string where utf8.isInside: failure = partFailure("the text is not UTF-8")
    case .string, .escape, .hexadecimal: failure = tokenFailure("unterminated string")
    case .number where number.mayEnd:
      noteRounding()
      endAfterScalar(here)
    default:
      if let expected {
        failure = Failure(place: here.place, offset: here.offset, message: Self.tooEarly(expected))
      }
    }
  }

  private mutating func endAfterScalar(_ here: Failure) {
    consumer.endScalar(at: consumed)
    guard let isObject = containers.last else { return }
    let text = Self.tooEarly("',' or '\(isObject ? "}" : "]")'")
    failure = Failure(place: here.place, offset: here.offset, message: text)
  }

  private static func tooEarly(_ expected: String) -> String {
    "unexpected end of file, expected \(expected)"
  }
}

/// A hash of a field's name that grows byte by byte (FNV-1a, 64 bits). Names are compared by it, so that none need be
/// kept. Two names with the same hash cost a wrong or a missing warning, nothing else.
struct FieldNameHash: Hashable, Sendable {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  @inline(__always)
  mutating func take(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }

  @inline(__always)
  mutating func take(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    var hash = self
    for at in range { hash.take(bytes[at]) }
    self = hash
  }

  init() {}

  init(_ name: some Sequence<UInt8>) {
    for byte in name { take(byte) }
  }
}
