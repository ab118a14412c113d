import ImportCore
import Testing

@Suite struct TableValidatorTests {
  private func lint(
    _ bytes: [UInt8], pieces size: Int = .max, separator: String? = "\t", charset: String = "utf-8"
  ) -> [String] {
    var lint = TableValidator(separator: separator, charset: TextCharset(charset))
    for piece in pieces(of: bytes, size) { piece.withUnsafeBytes { lint.take($0) } }
    return lines(lint.finish())
  }

  @Test(arguments: [
    "a\tb\n1\t2", "a\tb", "a\tb\r\n1\t2\r\n3", "a\tb\n\n\n1\t2", "a\tb\n\"x\t2",
    "a\tb\n1\t\"x\"\n2\t\"y\"\"z\"", "a\tb\n1\t5\"\n2\t3", "é\tb\nü\t☃\n😀",
  ])
  func `a good table has no findings`(text: String) {
    for size in [1, 2, 3, Int.max] { #expect(lint(Array(text.utf8), pieces: size) == []) }
  }

  @Test(arguments: [
    ("", "1:1 warning the file is empty: it has no row of names"),
    ("a\tb\n1\t2\n", "2:4 warning the newline at the end makes one more record, which is empty"),
    ("a\tb\n1\t2\r\n\r\n", "2:4 warning the newline at the end makes one more record, which is empty"),
    ("a\tb\n", "1:4 warning the newline at the end makes one more record, which is empty"),
    ("\na\tb\n1\t2", "1:1 warning the first line is empty, so no column has a name"),
    (
      "a\tb\n1\t2\t3\t4\n5\t6",
      "2:5 error this row has 4 fields, but only 2 columns have a name; the server ignores the rest"
    ),
    (
      "a\tb\n1\té\t3",
      "2:6 error this row has 3 fields, but only 2 columns have a name; the server ignores the rest"
    ),
    (
      "a\tb\n1\t2\t\t\n3\t4",
      "2:5 warning this row has 4 fields, but only 2 columns have a name; the server ignores the rest"
    ),
    (
      "a\tb\n1\t\"x\ny\"\n2\tz",
      "2:3 warning line break in a quoted cell; the server knows no quoting and ends the row at every line break"
    ),
    (
      "a\t\"b\nc\"\n2\tz",
      "1:3 warning line break in a quoted cell; the server knows no quoting and ends the row at every line break"
    ),
    ("a\tb\n1\t\0\n\0\t2", "2:3 warning the table has zero bytes"),
    ("a\tb\ta\n1\t2\t3", "1:5 warning duplicate column name; the server uses the last one"),
    (
      "\u{FEFF}a\tb\n1\t2",
      "1:1 error the file begins with a byte order mark (BOM), which becomes part of a name"
    ),
  ])
  func `what is odd is found at its place, however the file is cut`(text: String, finding: String) {
    for size in [1, 2, 3, Int.max] { #expect(lint(Array(text.utf8), pieces: size) == [finding]) }
  }

  @Test(
    arguments: [
      ("utf-8", [0xE9], "2:2 error the text is not UTF-8"),
      ("UTF8", [0xC3, 0x28], "2:2 error the text is not UTF-8"),
      ("us-ascii", [0xC3, 0xA9], "2:2 error a byte that the charset does not have"),
      ("windows-1252", [0xE9, 0x81], "2:3 error a byte that the charset does not have"),
      ("Cp1252", [0x8F], "2:2 error a byte that the charset does not have"),
      ("windows-1252", [0xE9], nil), ("ISO-8859-1", [0x81, 0xE9], nil), ("latin1", [0xFF], nil),
      ("x-ebcdic", [0xFF], nil),
    ] as [(String, [UInt8], String?)])
  func `bytes that the charset does not have are an error`(charset: String, bytes: [UInt8], finding: String?)
  {
    let text = Array("a\tb\nx".utf8) + bytes + Array("\t2\nx".utf8) + bytes
    for size in [1, 2, 3, Int.max] {
      #expect(lint(text, pieces: size, charset: charset) == [finding].compactMap(\.self))
    }
  }

  @Test func `half a character at the end of a line or of the file is an error`() {
    #expect(lint(Array("a\nx".utf8) + [0xC3]) == ["2:2 error the text is not UTF-8"])
    #expect(lint(Array("a\nx".utf8) + [0xC3, 10, 0x78]) == ["2:2 error the text is not UTF-8"])
  }

  @Test(
    arguments: [
      (";", "a;b\n1;2;3", "2:5"), (", ", "a, b\n1, 2,3", nil), (", ", "a, b\n1,, 2, 3", "2:8"),
      ("aab", "xaaby\n1aaab2aab3", "2:10"), ("·", "a·b\n1·2·3", "2:7"),
    ] as [(String, String, String?)])
  func `fields end at the separator, of whatever length`(separator: String, text: String, place: String?) {
    for size in [1, 2, 3, Int.max] {
      let found = lint(Array(text.utf8), pieces: size, separator: separator)
      #expect(found.map { String($0.prefix { $0 != " " }) } == [place].compactMap(\.self), "\(found)")
    }
  }

  /// The server's own way: split the text at line ends and each line at the separator.
  @Test(arguments: 0..<40)
  func `rows and fields are counted as the server splits them`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<50 {
      let body = (0..<Int.random(in: 1...30, using: &random)).map { _ in
        "ab\t\t\r\n".randomElement(using: &random)!
      }
      let text = "x\ty\n" + String(body)
      let rows = text.split(whereSeparator: \.isNewline).map {
        $0.split(separator: "\t", omittingEmptySubsequences: false).count
      }
      let expected = rows.dropFirst().filter { $0 > 2 }.map {
        "this row has \($0) fields, but only 2 columns have a name; the server ignores the rest"
      }
      let found = lint(Array(text.utf8), pieces: Int.random(in: 1...9, using: &random))
      #expect(
        found.filter { $0.contains("fields") }.map { String($0.drop { $0 != "t" }) } == expected,
        "\(text.debugDescription)")
      #expect(found.contains { $0.contains("newline at the end") } == text.last!.isNewline)
    }
  }

  @Test(
    arguments: [
      ([0x1F, 0x8B, 8, 0], "utf-8", "1:1 error the file is compressed (gzip)"),
      ([0xFF, 0xFE, 0x61, 0], "utf-8", "1:1 error the text is UTF-16, not UTF-8"),
      ([0xFF, 0xFE, 0x61, 0], "windows-1252", "1:1 error the text is UTF-16, not UTF-8"),
      ([0x61, 0, 0x62, 0], "utf-8", "1:2 warning the table has zero bytes: the table seems to be UTF-16"),
      ([0xFF, 0xFE, 0x61, 0], "utf-16", nil),
    ] as [([UInt8], String, String?)])
  func `another encoding or a compressed file is named as such`(
    bytes: [UInt8], charset: String, finding: String?
  ) {
    for size in [1, 2, Int.max] {
      let found = lint(bytes, pieces: size, charset: charset)
      #expect(found.count == (finding == nil ? 0 : 1), "\(found)")
      if let finding { #expect(found.first?.hasPrefix(finding) == true, "\(found)") }
    }
  }

  @Test(arguments: [
    ("a\tb", 0), ("a\tb\n", 0), ("a\tb\n1\t2", 1), ("a\tb\r\n1\t2\r\n\r\n3\t4\r\n", 2), ("\na\n1", 2),
    ("", 0),
  ])
  func `rows are counted, without the empty one at the end`(text: String, records: Int) {
    var table = TableValidator(separator: "\t", charset: .utf8)
    for piece in pieces(of: Array(text.utf8), 2) { piece.withUnsafeBytes { table.take($0) } }
    _ = table.finish()
    #expect(table.records == records)
  }
}

@Suite struct TextCharsetTests {
  @Test(arguments: [
    ("utf-8", TextCharset.utf8), ("UTF8", .utf8), ("US-ASCII", .ascii),
    ("latin1", .singleByte(undefined: [])),
    ("ISO-8859-15", .singleByte(undefined: [])), ("iso8859_1", .singleByte(undefined: [])),
    ("windows-1251", .singleByte(undefined: [0x98])), ("utf-16", .unknown), ("Big5", .unknown),
    ("latin-1", .misspelled(right: "latin1")), ("utf_8", .misspelled(right: "utf-8")),
    ("cp-1252", .misspelled(right: "cp1252")), ("windows1252", .misspelled(right: "windows-1252")),
    ("iso-88591", .misspelled(right: "iso-8859-1")), ("us_ascii", .misspelled(right: "us-ascii")),
    ("", .misspelled(right: nil)), ("utf 8", .misspelled(right: nil)), ("-x", .misspelled(right: nil)),
    ("é", .misspelled(right: nil)),
  ])
  func `a name stands for what Java takes it for`(name: String, charset: TextCharset) {
    #expect(TextCharset(name) == charset)
  }

  @Test func `a misspelled name is told with the right one`() {
    #expect(TextCharset("latin-1").problem == "the server has no charset of this name; its name is 'latin1'")
    #expect(TextCharset("?").problem == "the server has no charset of this name")
    #expect(TextCharset("cp1252").problem == nil)
  }
}
