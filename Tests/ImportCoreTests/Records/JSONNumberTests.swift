import Testing

@testable import ImportCore

/// Numbers of JSON as texts that are equal if the values are.
@Suite struct JSONNumberTests {
  private func canonical(_ text: String) -> String {
    String(decoding: JSONNumber.canonical(Array(text.utf8)), as: UTF8.self)
  }

  @Test(
    arguments: [
      ("0.5", "0.5"), ("0.50", "0.5"), ("5e-1", "0.5"), ("-0.5", "-0.5"), ("1.0", "1"), ("1e0", "1"),
      ("-1.00", "-1"),
      ("0.0", "0"), ("-0.0", "0"), ("-0", "0"), ("0e5", "0"), ("10.0", "10"), ("100.5", "100.5"),
      ("0.0001", "0.0001"),
      ("1e-4", "0.0001"), ("0.00001", "1e-05"), ("1e-5", "1e-05"), ("0.00012", "0.00012"),
      ("12345678901234567890", "12345678901234567890"),
      ("0.1000000000000000055", "0.1"), ("999999999999999.5", "999999999999999.5"), ("1e400", "inf"),
    ])
  func `equal values have the same text`(text: String, expected: String) {
    #expect(canonical(text) == expected)
  }

  @Test func `a fraction has the same text as its double`() {
    var random = SplitMix(5)
    for _ in 0..<20_000 {
      let sign = Bool.random(using: &random) ? "-" : ""
      let whole = UInt64.random(in: 0...(1 << UInt64.random(in: 0...40, using: &random)), using: &random)
      let length = Int.random(in: 1...8, using: &random)
      let fraction = (0..<length).map { _ in String([0, 0, 5, 1, 9, 3].randomElement(using: &random)!) }
        .joined()
      let text = "\(sign)\(whole).\(fraction)"
      let value = Double(text)!
      let expected = Int64(exactly: value).map(String.init) ?? value.description
      #expect(canonical(text) == expected, "\(text)")
    }
  }
}
