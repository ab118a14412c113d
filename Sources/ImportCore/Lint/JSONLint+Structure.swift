extension JSONLint {
  /// Takes a byte order mark at the very beginning, which the server's parser does not.
  mutating func takeMark(_ piece: UnsafeRawBufferPointer, _ start: Int) -> Int {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    guard piece[start] == mark[partCount] else {
      if partCount > 0 { return fail(TextPlace(), "a value is missing") }
      state = .value
      return start
    }
    partCount += 1
    if partCount == mark.count {
      note(.error, TextPlace(), "the text begins with a byte order mark (BOM)")
      state = .value
    }
    return start + 1
  }

  /// Takes what is not inside a number or a word, and whole strings with it.
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
      guard byte == UInt8(ascii: ":") else { return fail(place(at), "a colon is missing after the key") }
      state = .value
      return at + 1
    default: return takeAfterValue(byte, at)
    }
  }

  @inline(__always)
  private mutating func takeAfterValue(_ byte: UInt8, _ at: Int) -> Int {
    guard let container = containers.last else { return fail(place(at), "nothing may follow the value") }
    if byte == UInt8(ascii: ",") {
      state = container.isObject ? .key : .value
      if !container.isObject { nextNode = container.node }
      return at + 1
    }
    if byte == UInt8(ascii: container.isObject ? "}" : "]") { return close(at) }
    return fail(
      place(at), "',' or '\(container.isObject ? "}" : "]")' is missing in the \(Self.whole(container))")
  }

  @inline(__always)
  private mutating func beginKey(_ byte: UInt8, _ at: Int) -> Int {
    guard byte == UInt8(ascii: "\"") else { return fail(place(at), "a key in quotes is missing") }
    return beginString(at, isKey: true)
  }

  @inline(__always)
  private mutating func beginValue(_ byte: UInt8, _ at: Int) -> Int {
    if containers.count < 2 { checkShape(byte, at) }
    switch byte {
    case UInt8(ascii: "\""): return beginString(at, isKey: false)
    case UInt8(ascii: "{"): return open(isObject: true, at)
    case UInt8(ascii: "["): return open(isObject: false, at)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return beginNumber(byte, at)
    case UInt8(ascii: "t"): return beginWord("true", at)
    case UInt8(ascii: "f"): return beginWord("false", at)
    case UInt8(ascii: "n"): return beginWord("null", at)
    default: return fail(place(at), "a value is missing")
    }
  }

  @inline(__always)
  private mutating func beginString(_ at: Int, isKey: Bool) -> Int {
    token = place(at)
    self.isKey = isKey
    if isKey { hash = NameHash() }
    state = .string
    return at + 1
  }

  @inline(__always)
  private mutating func beginWord(_ word: StaticString, _ at: Int) -> Int {
    token = place(at)
    self.word = word
    partCount = 1
    state = .word
    return at + 1
  }

  private mutating func open(isObject: Bool, _ at: Int) -> Int {
    guard containers.count < JSONText.deepest else {
      return fail(place(at), "nested deeper than \(JSONText.deepest)")
    }
    let isRoot = containers.isEmpty
    containers.append(Container(isObject: isObject, node: isRoot ? SourceNames.record : nextNode))
    if isObject { keys.open() }
    nextNode = containers[containers.count - 1].node
    state = isObject ? .keyOrEnd : .elementOrEnd
    return at + 1
  }

  private mutating func close(_ at: Int) -> Int {
    if containers.removeLast().isObject { keys.close() }
    state = .after
    return at + 1
  }

  /// Says what is wrong with a value as a whole file (outermost) or as a record (inside the outermost array).
  private mutating func checkShape(_ byte: UInt8, _ at: Int) {
    let isObject = byte == UInt8(ascii: "{")
    if containers.isEmpty {
      if shape != .records, isObject || shape == .any && byte == UInt8(ascii: "[") { return }
      if shape == .records, byte == UInt8(ascii: "[") { return }
      guard let kind = Self.kind(byte) else { return }
      let remedy = isObject ? "; with \"singleRecord\": true in the control file it would be one record" : ""
      note(
        .error, place(at),
        shape == .singleRecord
          ? "the one record is \(kind), not an object"
          : "the file holds \(kind), not an array of objects\(remedy)")
    } else if !containers[0].isObject, !isObject, let kind = Self.kind(byte) {
      note(.error, place(at), "a record is \(kind), not an object")
    }
  }

  private static func kind(_ byte: UInt8) -> String? {
    switch byte {
    case UInt8(ascii: "{"): "an object"
    case UInt8(ascii: "["): "an array"
    case UInt8(ascii: "\""): "a string"
    case UInt8(ascii: "t"), UInt8(ascii: "f"): "true or false"
    case UInt8(ascii: "n"): "null"
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): "a number"
    default: nil
    }
  }

  private static func whole(_ container: Container) -> String { container.isObject ? "object" : "array" }

  // MARK: The end of the file

  mutating func end() {
    let here = place(0)
    switch state {
    case .failed: return
    case .mark, .value, .elementOrEnd:
      note(
        .error, partCount > 0 && state == .mark ? TextPlace() : here, "the text ends where a value is missing"
      )
    case .keyOrEnd, .key: note(.error, here, "a key in quotes is missing")
    case .colon: note(.error, here, "a colon is missing after the key")
    case .word: note(.error, token, "a value is missing")
    case .hexadecimal: note(.error, part, "four hexadecimal digits are missing after \\u")
    case .escape: note(.error, here, "the text ends inside a string")
    case .string:
      note(
        .error, utf8.isInside ? part : token,
        utf8.isInside ? "the text is not UTF-8" : "the string that begins here does not end")
    case .number where !number.mayEnd: note(.error, here, "a digit is missing in the number")
    case .number, .after:
      if let container = containers.last {
        note(.error, here, "the text ends inside the \(Self.whole(container))")
      }
    }
    state = .failed
  }
}
