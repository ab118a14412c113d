@testable import HaploSimulator
import Testing

@Suite struct ParserTests {
  private static let body = Array(
    ("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nte\r\nxt\r\n--b\r\n"
      + "Content-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\n\r\n--\r\n-b\r\n--b--\r\n").utf8)

  private func parse(_ pieces: [ArraySlice<UInt8>]) -> (parts: [String], isComplete: Bool) {
    var parser = MultipartParser(boundary: "b")
    var parts: [String] = []
    for piece in pieces {
      piece.withUnsafeBytes { bytes in
        parser.consume(bytes) { event in
          switch event {
          case .partBegan(let header): parts.append("\(header.name)/\(header.filename ?? "-"):")
          case .data(let data): parts[parts.count - 1] += String(decoding: data, as: UTF8.self)
          case .partEnded: parts[parts.count - 1] += "."
          }
        }
      }
    }
    return (parts, parser.isComplete)
  }

  private static let parts = ["a/-:te\r\nxt.", "f/x:\r\n--\r\n-b."]

  @Test func `a body cut into two pieces anywhere is the same body`() {
    for cut in 0...Self.body.count {
      let result = parse([Self.body[..<cut], Self.body[cut...]])
      #expect(result.parts == Self.parts)
      #expect(result.isComplete)
    }
  }

  @Test func `a body that comes byte by byte is the same body`() {
    let result = parse(Self.body.indices.map { Self.body[$0...$0] })
    #expect(result.parts == Self.parts)
    #expect(result.isComplete)
  }

  @Test func `a body is complete with its closing delimiter and not before`() {
    for end in 0..<Self.body.count - 2 { #expect(!parse([Self.body[..<end]]).isComplete) }
    #expect(parse([Self.body[..<(Self.body.count - 2)]]).isComplete)
  }

  @Test func `headers without end are given up`() {
    var parser = MultipartParser(boundary: "b")
    let endless = Array("--b\r\nX: ".utf8) + [UInt8](repeating: 0x78, count: 20_000)
    endless.withUnsafeBytes { parser.consume($0) { _ in } }
    Array("\r\n\r\nx\r\n--b--".utf8).withUnsafeBytes { parser.consume($0) { _ in } }
    #expect(!parser.isComplete)
  }

  @Test(arguments: [
    (#"{"b":1,"a":[true,null,"\u00e9\ud83d\ude00\n"]}"#, "{\"b\":1,\"a\":[true,null,\"é😀\\n\"]}"),
    ("[1.5, -2e2 ,\"\\\\\\/\\\"\"]", #"[1.5,-200,"\\/\""]"#), (#""\ud83d""#, "\"\u{fffd}\""),
    (" {} ", "{}"),
  ])
  func `JSON is read and written with its order kept`(text: String, written: String) {
    #expect(JSONReader.parse(Array(text.utf8))?.text == written)
  }

  @Test func `JSON deeper than 512 is refused`() {
    func nested(_ depth: Int) -> [UInt8] {
      Array(String(repeating: "[", count: depth).utf8) + Array(String(repeating: "]", count: depth).utf8)
    }
    #expect(JSONReader.parse(nested(512)) != nil)
    #expect(JSONReader.parse(nested(513)) == nil)
    #expect(JSONReader.parse(nested(1_000_000)) == nil)
  }

  @Test func `what is not UTF-8 is not JSON`() {
    #expect(JSONReader.parse([0x22, 0xff, 0x22]) == nil)
    #expect(JSONReader.parse([0x7b, 0x00, 0x7d, 0x00]) == nil)
  }
}
