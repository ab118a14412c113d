import ImportCore
import Testing

@Suite struct ExactTextTests {
  /// Each pair looks the same, or one of them begins as the other does.
  @Test(arguments: [
    ("\u{e9}", "e\u{301}"), ("a\u{301}\u{323}", "a\u{323}\u{301}"), ("\u{212b}", "\u{c5}"), ("", "\0"),
    ("a", "ab"),
    (String(repeating: "x", count: 40), String(repeating: "x", count: 39) + "y"),
  ])
  func `texts of other bytes are others`(pair: (String, String)) {
    #expect(ExactText(pair.0) != ExactText(pair.1))
    #expect(Set([ExactText(pair.0), ExactText(pair.1)]).count == 2)
    #expect((ExactText(pair.0) < ExactText(pair.1)) != (ExactText(pair.1) < ExactText(pair.0)))
  }

  @Test(arguments: ["", "a", "é", "data-0123456789-0123456789.json"])
  func `the same bytes are the same text, however they came about`(text: String) {
    let built = text.unicodeScalars.reduce(into: "") { $0.unicodeScalars.append($1) }
    let part = String(("x" + text + "y").dropFirst().dropLast())
    #expect(Set([ExactText(text), ExactText(built), ExactText(part)]).count == 1)
  }
}
