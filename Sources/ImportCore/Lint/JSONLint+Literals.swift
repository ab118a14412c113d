/// How far a number has come.
enum NumberPart: UInt8, Sendable {
  case minus, zero, digits, point, fraction, exponent, sign, power

  /// True where a number may end.
  var mayEnd: Bool { self == .zero || self == .digits || self == .fraction || self == .power }

  /// What the number is after one more byte; nil: the byte is no part of it.
  func after(_ byte: UInt8) -> NumberPart? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): afterDigit(isZero: byte == UInt8(ascii: "0"))
    case UInt8(ascii: "."): self == .zero || self == .digits ? .point : nil
    case UInt8(ascii: "e"), UInt8(ascii: "E"):
      self == .zero || self == .digits || self == .fraction ? .exponent : nil
    case UInt8(ascii: "+"), UInt8(ascii: "-"): self == .exponent ? .sign : nil
    default: nil
    }
  }

  private func afterDigit(isZero: Bool) -> NumberPart? {
    switch self {
    case .minus: isZero ? .zero : .digits
    case .zero: nil
    case .digits: .digits
    case .point, .fraction: .fraction
    case .exponent, .sign, .power: .power
    }
  }
}

extension JSONLint {
  mutating func beginNumber(_ byte: UInt8, _ at: Int) -> Int {
    number = byte == UInt8(ascii: "-") ? .minus : byte == UInt8(ascii: "0") ? .zero : .digits
    state = .number
    return at + 1
  }

  /// Takes bytes of a number; the first one that is none of it is left for the structure.
  mutating func takeNumber(_ piece: UnsafeRawBufferPointer, _ start: Int) -> Int {
    var (at, part) = (start, number)
    while at < piece.count {
      guard let next = part.after(piece[at]) else {
        if !part.mayEnd { return fail(place(at), "a digit is missing in the number") }
        state = .after
        return at
      }
      part = next
      at += 1
    }
    number = part
    return at
  }

  /// Takes bytes of `true`, `false` or `null`.
  mutating func takeWord(_ piece: UnsafeRawBufferPointer, _ start: Int) -> Int {
    var at = start
    while at < piece.count {
      guard piece[at] == word.utf8Start[partCount] else { return fail(token, "a value is missing") }
      partCount += 1
      at += 1
      if partCount == word.utf8CodeUnitCount {
        state = .after
        return at
      }
    }
    return at
  }
}
