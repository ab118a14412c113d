import ImportCore
import Testing

@Suite struct TSVLintTests {
  private func lint(
    _ bytes: [UInt8], pieces size: Int = .max, separator: String? = "\t", charset: String = "utf-8"
  ) -> [String] {
    var lint = TSVLint(separator: separator, charset: TextCharset(charset))
    for piece in pieces(of: bytes, size) { piece.withUnsafeBytes { lint.take($0) } }
    return lines(lint.finish())
  }

  @Test(arguments: [
    "a\tb\n1\t2", "a\tb", "a\tb\r\n1\t2\r\n3", "a\tb\n\n\n1\t2", "a\tb\n\"x\t2", "é\tb\nü\t☃\n😀",
  ])
  func `a good table has no findings`(text: String) {
    for size in [1, 2, 3, Int.max] { #expect(lint(Array(text.utf8), pieces: size) == []) }
  }

  @Test(arguments: [
    ("", "1:1 warning the file is empty: there is no row of names"),
    ("a\tb\n1\t2\n", "2:4 warning the newline at the end makes one more record, which is empty"),
    ("a\tb\n1\t2\r\n\r\n", "2:4 warning the newline at the end makes one more record, which is empty"),
    ("a\tb\n", "1:4 warning the newline at the end makes one more record, which is empty"),
    ("\na\tb\n1\t2", "1:1 warning the first line is empty, so no column has a name"),
    (
      "a\tb\n1\t2\t3\t4\n5\t6",
      "2:5 warning this row has 4 fields, but only 2 columns have a name; the rest is lost"
    ),
    ("a\tb\n1\té\t3", "2:6 warning this row has 3 fields, but only 2 columns have a name; the rest is lost"),
    ("a\tb\ta\n1\t2\t3", "1:5 warning two columns have this name; the last one counts"),
    ("\u{FEFF}a\tb\n1\t2", "1:1 error the text begins with a byte order mark (BOM)"),
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
        "this row has \($0) fields, but only 2 columns have a name; the rest is lost"
      }
      let found = lint(Array(text.utf8), pieces: Int.random(in: 1...9, using: &random))
      #expect(
        found.filter { $0.contains("fields") }.map { String($0.drop { $0 != "t" }) } == expected,
        "\(text.debugDescription)")
      #expect(found.contains { $0.contains("newline at the end") } == text.last!.isNewline)
    }
  }
}

@Suite struct TextCharsetTests {
  @Test(arguments: [
    ("utf-8", TextCharset.utf8), ("UTF_8", .utf8), ("US-ASCII", .ascii),
    ("iso-8859-15", .singleByte(undefined: [])),
    ("windows-1251", .singleByte(undefined: [0x98])), ("utf-16", .unknown), ("Big5", .unknown),
    ("", .impossible),
    ("utf 8", .impossible), ("-x", .impossible), ("é", .impossible),
  ])
  func `a name stands for what Java takes it for`(name: String, charset: TextCharset) {
    #expect(TextCharset(name) == charset)
  }
}
