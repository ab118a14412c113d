extension JSONParser {
  /// Takes what is inside a string, up to its end, an escape, or the end of the piece.
  mutating func takeString(_ piece: UnsafeRawBufferPointer, _ start: Int) -> Int {
    var at = start
    if pendingSurrogate != 0, piece[at] != UInt8(ascii: "\\") { dropSurrogate() }
    while at < piece.count {
      if !utf8.isInside {
        let end = Self.skipPlain(piece, at)
        if isKey { hash.take(piece, at..<end) }
        if Consumer.takesText { consumer.takeText(piece, at..<end) }
        at = end
        if at == piece.count { return at }
      }
      let byte = piece[at]
      if byte >= 0x80 || utf8.isInside {
        if !utf8.isInside { beginPart(at) }
        guard utf8.take(byte) else { return fail(partFailure("the text is not UTF-8"), at) }
        takeByte(byte)
      } else if byte == UInt8(ascii: "\"") {
        return endString(at)
      } else if byte == UInt8(ascii: "\\") {
        beginPart(at)
        hasEscapes = true
        state = .escape
        return at + 1
      } else {
        return fail(at, "unescaped control character in a string")
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
    consumer.endString(at: consumed + at, hasEscapes: hasEscapes)
    if !isKey {
      state = .after
      return at + 1
    }
    let isNew = keys.add(hash)
    if !isNew { note(.warning, token, "duplicate key; the server uses the last one") }
    consumer.endKey(hash, isNew: isNew, depth: containers.count)
    state = .colon
    return at + 1
  }

  private mutating func beginPart(_ at: Int) {
    part = place(at)
    partOffset = consumed + at
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
    guard let meant = JSONEscape.simple[byte] else {
      return fail(partFailure("unknown escape in a string"), at)
    }
    takeByte(meant)
    state = .string
    return at + 1
  }

  /// Takes one of the four digits after `\u`.
  mutating func takeHexadecimal(_ piece: UnsafeRawBufferPointer, _ at: Int) -> Int {
    let byte = piece[at]
    guard let digit = JSONEscape.digit(byte) else {
      return fail(partFailure("expected four hexadecimal digits after \\u"), at)
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
      note(.warning, part, "unpaired surrogate in a string")
      hashScalar(unit)
    } else {
      hashScalar(unit)
    }
  }

  private mutating func dropSurrogate() {
    note(.warning, surrogatePlace, "unpaired surrogate in a string")
    hashScalar(pendingSurrogate)
    pendingSurrogate = 0
  }

  private mutating func hashScalar(_ value: UInt32) {
    guard isKey || Consumer.takesText else { return }
    for byte in String(Unicode.Scalar(value) ?? "\u{FFFD}").utf8 { takeByte(byte) }
  }

  @inline(__always)
  private mutating func takeByte(_ byte: UInt8) {
    if isKey { hash.take(byte) }
    if Consumer.takesText { consumer.takeText(byte) }
  }
}

/// Follows UTF-8 byte by byte, so that a piece of a file may end anywhere inside a character.
struct UTF8Scanner: Sendable {
  /// Bytes of the character that are still to come.
  private(set) var missing: UInt8 = 0
  private var lowest: UInt8 = 0x80
  private var highest: UInt8 = 0xBF

  /// True inside a character.
  var isInside: Bool { missing > 0 }

  /// Takes the next byte, which is not ASCII or comes inside a character. False: it cannot stand here (Unicode,
  /// table 3-7: no overlong form, no surrogate, nothing beyond U+10FFFF).
  @inline(__always)
  mutating func take(_ byte: UInt8) -> Bool {
    if missing == 0 { return begin(byte) }
    guard byte >= lowest, byte <= highest else { return false }
    missing -= 1
    lowest = 0x80
    highest = 0xBF
    return true
  }

  private mutating func begin(_ byte: UInt8) -> Bool {
    switch byte {
    case 0xC2...0xDF: missing = 1
    case 0xE0...0xEF:
      missing = 2
      if byte == 0xE0 { lowest = 0xA0 }
      if byte == 0xED { highest = 0x9F }
    case 0xF0...0xF4:
      missing = 3
      if byte == 0xF0 { lowest = 0x90 }
      if byte == 0xF4 { highest = 0x8F }
    default: return false
    }
    return true
  }
}
