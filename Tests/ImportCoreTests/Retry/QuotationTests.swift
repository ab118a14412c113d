import ImportCore
import Testing

/// What log and REASON.txt quote of an answer: what was received, escaped and capped.
@Suite struct QuotationTests {
  private func quotation(_ bytes: [UInt8], _ type: String? = "text/html") -> String {
    Answer(status: 403, mediaType: type, bytes: bytes).quotation
  }

  @Test(arguments: [
    ("", "status 403: empty body"), ("Forbidden", "status 403: Forbidden"),
    (" a\r\n\t b  ", "status 403: a b"), ("\u{1B}[2Jx", #"status 403: \x1B[2Jx"#),
    ("a\u{202E}b\u{200B}c\u{9B}", #"status 403: a\xE2\x80\xAEb\xE2\x80\x8Bc\xC2\x9B"#),
    ("é漢😀", "status 403: é漢😀"),
  ])
  func `a body is quoted in one line, and nothing in it is hidden`(body: String, expected: String) {
    #expect(quotation(Array(body.utf8), nil) == expected)
  }

  @Test func `bytes that are not UTF-8 are shown one by one`() {
    #expect(
      quotation([0x66, 0xfc, 0x72, 0xe2, 0x82], "text/plain") == #"status 403, text/plain: f\xFCr\xE2\x82"#)
  }

  @Test func `a page is quoted with its title, and cut`() {
    let page = "<html><head><script>\(String(repeating: "x", count: 90_000))</script><title>Blocked</title>"
    let text = quotation(Array("<title> Access \n denied </title>\(page)".utf8))
    #expect(
      text.hasPrefix("status 403, text/html: page 'Access denied': <title> Access denied </title><html>"))
    #expect(text.hasSuffix("…"))
    #expect(text.count < 400)
  }

  @Test func `compressed and binary bodies are named`() {
    #expect(
      quotation([0x1f, 0x8b, 8, 0, 1, 2])
        == "status 403, text/html: gzip-compressed body (6 bytes, not decompressed)")
    #expect(
      quotation([0x28, 0xb5, 0x2f, 0xfd, 1], nil)
        == "status 403: zstd-compressed body (5 bytes, not decompressed)")
    #expect(
      quotation([1, 0, 0xff, 3, 4, 5, 6, 7, 8, 9], nil)
        == "status 403: binary body (10 bytes) that begins 01 00 FF 03 04 05 06 07")
  }

  @Test func `the type of an answer is capped too`() {
    let text = quotation([0x61], String(repeating: "t", count: 9000))
    #expect(text == "status 403, \(String(repeating: "t", count: 60))…: a")
  }

  @Test func `the server's own list of errors is quoted by lines, without control characters, and capped`()
    throws
  {
    let body =
      "Invalid control file:\n  Model not implemented: a\u{1B}b\n" + String(repeating: "e\n", count: 30_000)
    guard
      case .reject(let reason) = Verdicts.control.verdict(
        on: .answered(Verdicts.text(body, 400), sent: .whole))
    else { return #expect(Bool(false)) }
    #expect(reason.text.hasPrefix("Invalid control file:\n  Model not implemented: a\\x1Bb\ne\ne\n"))
    #expect(reason.text.hasSuffix("…"))
    #expect(reason.text.utf8.count < 4200)
  }
}
