/// Reads values one after another from a text that is known to be UTF-8.
struct JSONReader {
  /// Something wrong at one byte.
  struct Problem: Error {
    var offset: Int
    var message: String
  }

  let bytes: [UInt8]
  var position = 0
  var depth = 0
  /// What is wrong but does not end the reading.
  var problems: [Problem] = []

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func readDocument() throws(Problem) -> JSONValue {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      problems.append(Problem(offset: 0, message: "the text begins with a byte order mark (BOM)"))
      position = 3
    }
    let value = try readValue()
    skipSpace()
    if position < bytes.count { throw problem("nothing may follow the value") }
    return value
  }

  private mutating func readValue() throws(Problem) -> JSONValue {
    skipSpace()
    let start = position
    let content: JSONValue.Content
    switch peek() ?? 0 {
    case UInt8(ascii: "{"): content = .object(try readMembers())
    case UInt8(ascii: "["): content = .array(try readElements())
    case UInt8(ascii: "\""): content = .string(try readString())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): content = .number(try readNumber())
    default: content = try readWord()
    }
    return JSONValue(content: content, offset: start)
  }

  private mutating func readMembers() throws(Problem) -> [JSONMember] {
    var members: [JSONMember] = []
    var seen: Set<ExactText> = []
    try readList(closing: UInt8(ascii: "}"), whole: "object") { reader throws(Problem) in
      let start = reader.position
      guard reader.peek() == UInt8(ascii: "\"") else { throw reader.problem("a key in quotes is missing") }
      let key = try reader.readString()
      if !seen.insert(ExactText(key)).inserted {
        reader.problems.append(Problem(offset: start, message: "the key \"\(key)\" stands here twice"))
      }
      reader.skipSpace()
      guard reader.take(UInt8(ascii: ":")) else { throw reader.problem("a colon is missing after the key") }
      members.append(JSONMember(key: key, keyOffset: start, value: try reader.readValue()))
    }
    return members
  }

  private mutating func readElements() throws(Problem) -> [JSONValue] {
    var elements: [JSONValue] = []
    try readList(closing: UInt8(ascii: "]"), whole: "array") { reader throws(Problem) in
      elements.append(try reader.readValue())
    }
    return elements
  }

  private mutating func readList(
    closing: UInt8, whole: String, _ readPart: (inout JSONReader) throws(Problem) -> Void
  ) throws(Problem) {
    guard depth < JSONText.deepest else { throw problem("nested deeper than \(JSONText.deepest)") }
    depth += 1
    defer { depth -= 1 }
    position += 1
    skipSpace()
    if take(closing) { return }
    while true {
      skipSpace()
      try readPart(&self)
      skipSpace()
      if take(closing) { return }
      guard take(UInt8(ascii: ",")) else {
        let end = Character(UnicodeScalar(closing))
        throw problem(
          position < bytes.count
            ? "',' or '\(end)' is missing in the \(whole)" : "the text ends inside the \(whole)")
      }
    }
  }

  private mutating func readWord() throws(Problem) -> JSONValue.Content {
    for (word, content) in [
      ("true", JSONValue.Content.boolean(true)), ("false", .boolean(false)), ("null", .null),
    ] where bytes[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return content
    }
    throw problem(position < bytes.count ? "a value is missing" : "the text ends where a value is missing")
  }

  private mutating func readNumber() throws(Problem) -> String {
    let start = position
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try takeDigits() }
    if take(UInt8(ascii: ".")) { try takeDigits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try takeDigits()
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func takeDigits() throws(Problem) {
    let start = position
    while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    if position == start { throw problem("a digit is missing in the number") }
  }

  mutating func skipSpace() {
    while let byte = peek(), byte == 32 || byte == 10 || byte == 13 || byte == 9 { position += 1 }
  }

  mutating func take(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    position += 1
    return true
  }

  func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

  func problem(_ message: String) -> Problem { Problem(offset: position, message: message) }
}
