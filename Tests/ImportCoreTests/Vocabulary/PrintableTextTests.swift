import ImportCore
import Testing

@Suite struct PrintableTextTests {
  @Test(arguments: [
    ("one", "one"), ("", ""), ("\n\n", ""), ("a\nb\n", "a; b"),
    (
      "Invalid control file:\n  Unknown reader for file staff: jsn\n  Model not implemented: x",
      "Invalid control file: Unknown reader for file staff: jsn; Model not implemented: x"
    ),
    ("a\r\n\tb \n", "a; b"), ("e\u{301}:\n\u{301}", "e\u{301}: \u{301}"),
  ])
  func `several lines become one, and a line goes on after a colon`(text: String, line: String) {
    #expect(PrintableText.joiningLines(text).utf8.elementsEqual(line.utf8))
  }

  @Test(arguments: [
    ("/var/spool/haplo-importd/drop/hr", "/var/spool/haplo-importd/drop/hr"), ("", "''"), ("a b", "'a b'"),
    ("a'b;c", #"'a'\''b;c'"#), ("$x", "'$x'"), ("ü", "'ü'"),
  ])
  func `a word of a command is quoted where the shell needs it`(word: String, quoted: String) {
    #expect(ShellWord(word).description == quoted)
  }

  @Test func `ordinary text of any language is left as it is`() {
    for text in ["staff-2026.json", "größe", "naïve", "人事", "файл", "a\u{301}", "", "it's \"quoted\" \\"] {
      #expect(PrintableText.escaping(text) == text)
    }
  }

  @Test(arguments: [
    ("\u{202A}", "\\xE2\\x80\\xAA"), ("\u{202E}", "\\xE2\\x80\\xAE"), ("\u{2066}", "\\xE2\\x81\\xA6"),
    ("\u{2069}", "\\xE2\\x81\\xA9"), ("\u{200B}", "\\xE2\\x80\\x8B"), ("\u{200F}", "\\xE2\\x80\\x8F"),
    ("\u{2060}", "\\xE2\\x81\\xA0"), ("\u{FEFF}", "\\xEF\\xBB\\xBF"), ("\u{80}", "\\xC2\\x80"),
    ("\u{9B}", "\\xC2\\x9B"), ("\u{9F}", "\\xC2\\x9F"), ("\u{1B}", "\\x1B"), ("\u{7F}", "\\x7F"),
    ("\n", "\\x0A"), ("\r\n", "\\x0D\\x0A"), ("\0", "\\x00"), ("\u{2028}", "\\xE2\\x80\\xA8"),
    ("\u{61C}", "\\xD8\\x9C"), ("\u{AD}", "\\xC2\\xAD"), ("\u{FFF9}", "\\xEF\\xBF\\xB9"),
    ("\u{E0041}", "\\xF3\\xA0\\x81\\x81"),
  ])
  func `what cannot be seen, or moves what can, is shown by its bytes`(text: String, escaped: String) {
    #expect(PrintableText.escaping("a\(text)b") == "a\(escaped)b")
    #expect(PrintableText.escaping(bytes: Array("a\(text)b".utf8)) == "a\(escaped)b")
  }

  @Test func `bytes that are no character are shown one by one`() {
    #expect(PrintableText.escaping(bytes: [0x67, 0xF6, 0x6E]) == "g\\xF6n")
    #expect(PrintableText.escaping(bytes: [0xC3]) == "\\xC3")
    #expect(PrintableText.escaping(bytes: [0xE2, 0x80, 0x41]) == "\\xE2\\x80A")
    #expect(PrintableText.escaping(bytes: Array("größe".utf8)) == "größe")
  }

  @Test func `line breaks survive only where lines are wanted`() {
    #expect(PrintableText.escapingLines("a\u{1B}\n\nb\n") == "a\\x1B\n\nb\n")
  }
}
