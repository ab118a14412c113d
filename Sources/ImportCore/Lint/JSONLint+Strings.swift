extension JSONLint {
  /// Takes what is inside a string, up to its end, an escape, or the end of the piece.
  mutating func takeString(_ piece: UnsafeRawBufferPointer, _ start: Int) -> Int {
    var at = start
    if pendingSurrogate != 0, piece[at] != UInt8(ascii: "\\") { dropSurrogate() }
    while at < piece.count {
      if !utf8.isInside {
        let end = Self.skipPlain(piece, at)
        if isKey { hash.take(piece, at..<end) }
        at = end
        if at == piece.count { return at }
      }
      let byte = piece[at]
      if byte >= 0x80 || utf8.isInside {
        if !utf8.isInside { part = place(at) }
        guard utf8.take(byte) else { return fail(part, "the text is not UTF-8") }
        if isKey { hash.take(byte) }
      } else if byte == UInt8(ascii: "\"") {
        return endString(at)
      } else if byte == UInt8(ascii: "\\") {
        part = place(at)
        state = .escape
        return at + 1
      } else {
        return fail(place(at), "a control character in a string must be written as an escape")
      }
      at += 1
    }
    return at
  }

  /// Skips bytes that mean nothing but themselves, eight at a time.
  @inline(__always)
  private static func skipPlain(_ piece: UnsafeRawBufferPointer, _ start: Int) -> Int {
    var at = start
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    while at + 8 <= piece.count {
      let word = piece.loadUnaligned(fromByteOffset: at, as: UInt64.self)
      let quotes = word ^ (ones &* 0x22)
      let backslashes = word ^ (ones &* 0x5C)
      // A byte's high bit is set where the byte is 0 in the first two, below 32 in the third, or not ASCII. Borrows
      // can set bits too many above the lowest right one only, and that is the one that is used.
      let found =
        ((quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes | (word &- ones &* 0x20) | word)
        & highs
      if found != 0 { return at + UInt64(littleEndian: found).trailingZeroBitCount / 8 }
      at += 8
    }
    while at < piece.count {
      let byte = piece[at]
      if byte >= 0x80 || byte < 32 || byte == 0x22 || byte == 0x5C { return at }
      at += 1
    }
    return at
  }

  private mutating func endString(_ at: Int) -> Int {
    if !isKey {
      state = .after
      return at + 1
    }
    if !keys.add(hash) { note(.warning, token, "this key stands twice in its object; the last one counts") }
    // Only the fields of a record are looked for, and of what is inside them: see `containers`.
    nextNode = names.see(hash, in: containers[containers.count - 1].node)
    state = .colon
    return at + 1
  }

  /// Takes the byte after a backslash.
  mutating func takeEscape(_ piece: UnsafeRawBufferPointer, _ at: Int) -> Int {
    let byte = piece[at]
    if byte == UInt8(ascii: "u") {
      state = .hexadecimal
      partCount = 0
      hexadecimal = 0
      return at + 1
    }
    if pendingSurrogate != 0 { dropSurrogate() }
    guard let meant = Self.escapes[byte] else { return fail(part, "no such escape in a string") }
    if isKey { hash.take(meant) }
    state = .string
    return at + 1
  }

  /// Takes one of the four digits after `\u`.
  mutating func takeHexadecimal(_ piece: UnsafeRawBufferPointer, _ at: Int) -> Int {
    let byte = piece[at]
    if partCount == 0 { digitsPlace = place(at) }
    guard let digit = Self.digit(byte) else {
      return fail(digitsPlace, "four hexadecimal digits are missing after \\u")
    }
    hexadecimal = hexadecimal << 4 | digit
    partCount += 1
    if partCount == 4 {
      takeUnit(hexadecimal)
      state = .string
    }
    return at + 1
  }

  /// Takes one UTF-16 unit that was written as an escape.
  private mutating func takeUnit(_ unit: UInt32) {
    if pendingSurrogate != 0 {
      guard (0xDC00...0xDFFF).contains(unit) else {
        dropSurrogate()
        return takeUnit(unit)
      }
      hashScalar(0x10000 + (pendingSurrogate - 0xD800) << 10 + (unit - 0xDC00))
      pendingSurrogate = 0
    } else if (0xD800...0xDBFF).contains(unit) {
      pendingSurrogate = unit
      surrogatePlace = part
    } else if (0xDC00...0xDFFF).contains(unit) {
      note(.warning, part, "half of a surrogate pair in a string")
      hashScalar(unit)
    } else {
      hashScalar(unit)
    }
  }

  private mutating func dropSurrogate() {
    note(.warning, surrogatePlace, "half of a surrogate pair in a string")
    hashScalar(pendingSurrogate)
    pendingSurrogate = 0
  }

  private mutating func hashScalar(_ value: UInt32) {
    guard isKey else { return }
    for byte in String(Unicode.Scalar(value) ?? "\u{FFFD}").utf8 { hash.take(byte) }
  }

  private static func digit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  private static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "\\"),
    UInt8(ascii: "/"): UInt8(ascii: "/"), UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12,
    UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9,
  ]
}
