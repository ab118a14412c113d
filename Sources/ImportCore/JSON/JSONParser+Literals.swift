/// The part of a number that was parsed so far.
enum NumberPart: UInt8, Sendable {
  case minus, zero, digits, point, fraction, exponent, sign, power

  /// True where a number may end.
  var mayEnd: Bool { self == .zero || self == .digits || self == .fraction || self == .power }

  /// The part after one more byte; nil: the byte does not belong to the number.
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

extension JSONParser {
  mutating func beginNumber(_ byte: UInt8, _ at: Int) -> Int {
    token = place(at)
    number = byte == UInt8(ascii: "-") ? .minus : byte == UInt8(ascii: "0") ? .zero : .digits
    magnitude = byte == UInt8(ascii: "-") ? 0 : UInt64(byte - UInt8(ascii: "0"))
    state = .number
    return at + 1
  }

  /// Takes bytes of a number; the first one that does not belong to it is left for the structure.
  mutating func takeNumber(_ piece: UnsafeRawBufferPointer, _ start: Int) -> Int {
    var (at, part, value) = (start, number, magnitude)
    while at < piece.count {
      guard let next = part.after(piece[at]) else {
        number = part
        magnitude = value
        if Consumer.takesText { consumer.takeText(piece, start..<at) }
        return endNumber(piece[at], at)
      }
      part = next
      // Twenty digits are enough to know that the number is above 2^53.
      if part == .digits, value <= Self.largestExact { value = value * 10 + UInt64(piece[at] - 0x30) }
      at += 1
    }
    number = part
    magnitude = value
    if Consumer.takesText { consumer.takeText(piece, start..<at) }
    return at
  }

  private mutating func endNumber(_ byte: UInt8, _ at: Int) -> Int {
    guard number.mayEnd else {
      if number == .minus, byte == UInt8(ascii: "I") || byte == UInt8(ascii: "N") {
        return fail(at, "infinite and undefined numbers are not JSON; write null")
      }
      return fail(at, "expected a digit in the number, found \(Self.shown(byte))")
    }
    noteRounding()
    consumer.endScalar(at: consumed + at)
    state = .after
    return at
  }

  mutating func noteRounding() {
    guard number == .digits, magnitude > Self.largestExact else { return }
    note(.warning, token, "the server rounds integers above 9007199254740992 (2^53); write it as a string")
  }

  private static var largestExact: UInt64 { 1 << 53 }

  mutating func beginWord(_ byte: UInt8, _ at: Int) -> Int {
    token = place(at)
    tokenOffset = consumed + at
    wordStart = byte
    hash = FieldNameHash()
    hash.take(byte)
    state = .word
    return at + 1
  }

  /// Takes bytes of `true`, `false`, `null`, or of a word that is not JSON.
  mutating func takeWord(_ piece: UnsafeRawBufferPointer, _ start: Int) -> Int {
    var at = start
    while at < piece.count {
      guard isLetterOrDigit(piece[at]) else {
        if Consumer.takesText { consumer.takeText(piece, start..<at) }
        return endWord(at)
      }
      hash.take(piece[at])
      at += 1
    }
    if Consumer.takesText { consumer.takeText(piece, start..<at) }
    return at
  }

  private mutating func endWord(_ at: Int) -> Int {
    if let problem = wordProblem() { return failInFirstLine(problem, at) }
    consumer.endScalar(at: consumed + at)
    state = .after
    return at
  }

  /// The error in the current word; nil: it is a JSON value.
  mutating func wordProblem() -> Failure? {
    if JSONWord.values.contains(hash) { return nil }
    if let remedy = JSONWord.remedies[hash] { return tokenFailure(remedy) }
    return tokenFailure("expected a value, found \(Self.shown(wordStart))")
  }
}

/// The words of JSON, and those of other languages that exporters write by mistake.
private enum JSONWord {
  static let values = Set(["true", "false", "null"].map { FieldNameHash($0.utf8) })

  static let remedies: [FieldNameHash: String] = {
    var remedies: [FieldNameHash: String] = [:]
    for (words, right) in [
      (["NaN", "nan", "Infinity", "inf", "undefined", "None", "NULL", "Null", "nil"], "null"),
      (["True", "TRUE"], "true"), (["False", "FALSE"], "false"),
    ] {
      for word in words {
        remedies[FieldNameHash(word.utf8)] = "\(word) is not JSON; write \(right)"
      }
    }
    return remedies
  }()
}

/// Remembers the keys of the objects that are open, to notice duplicates. Its memory is bounded: 48 keys of each open
/// object, and 65,536 of all larger ones together. A duplicate among the keys beyond that is not noticed.
struct DuplicateKeyDetector: Sendable {
  private static let limit = 65_536
  /// From this number on a set is faster than a search through all.
  private static let few = 48

  private var hashes: [FieldNameHash] = []
  private var starts: [Int] = []
  private var large: [Int: Set<FieldNameHash>] = [:]
  private var largeCount = 0

  /// Begins an object.
  mutating func open() { starts.append(hashes.count) }

  /// Ends the innermost object.
  mutating func close() {
    if !large.isEmpty, let set = large.removeValue(forKey: starts.count) { largeCount -= set.count }
    hashes.removeLast(hashes.count - starts.removeLast())
  }

  /// Adds a key to the innermost object. Returns false for a duplicate.
  mutating func add(_ hash: FieldNameHash) -> Bool {
    let start = starts[starts.count - 1]
    for index in start..<hashes.count where hashes[index] == hash { return false }
    if hashes.count - start < Self.few {
      hashes.append(hash)
      return true
    }
    let level = starts.count
    guard largeCount < Self.limit else { return large[level]?.contains(hash) != true }
    let isNew = large[level, default: []].insert(hash).inserted
    if isNew { largeCount += 1 }
    return isNew
  }
}
