@testable import ImportSystem
import Testing

@Suite struct HTMLTableReaderTests {
  private func read(_ text: String, pieces size: Int = .max, most: Int = .max) -> [HTMLTableReader.Part] {
    var parts: [HTMLTableReader.Part] = []
    let reader = HTMLTableReader { part in
      parts.append(part)
      return parts.count < most
    }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let wantsMore = rest.prefix(size).withUnsafeBytes { unsafe reader.take($0) }
      if !wantsMore { break }
      rest = rest.dropFirst(size)
    }
    _ = reader.finish()
    return parts
  }

  private static let list = """
    <!DOCTYPE html><html><head><title>Batches &amp; more</title></head><body><div id="z__page">
    <p>Batches: 2</p><table><tr><th>Batch</th><th>State</th></tr>
    <tr><td><a href="/do/haplo-data-import-batch/batch/17">Q0pXb1F3c2...</a></td><td>complete</td><td>0</td>\
    <td>30 Nov 2026, 06:27</td><td>hr &lt;export&gt; &quot;é&quot;</td></tr>
    <tr><td><a href='/do/haplo-data-import-batch/batch/16'>AAAA...</a><td>running<td><td>x<td>y
    </table></div></body></html>
    """

  @Test(arguments: [1, 7, Int.max])
  func `rows come with their links, their texts and entities replaced, however the page is cut`(size: Int) {
    let parts = read(Self.list, pieces: size)
    #expect(parts.count == 4)
    #expect(parts[0] == .paragraph("Batches: 2"))
    #expect(parts[1] == .row([.init(isHeader: true, text: "Batch"), .init(isHeader: true, text: "State")]))
    #expect(
      parts[2]
        == .row([
          .init(isHeader: false, link: "/do/haplo-data-import-batch/batch/17", linkText: "Q0pXb1F3c2..."),
          .init(isHeader: false, text: "complete"), .init(isHeader: false, text: "0"),
          .init(isHeader: false, text: "30 Nov 2026, 06:27"),
          .init(isHeader: false, text: "hr <export> \"é\""),
        ]))
    guard case .row(let last) = parts[3] else { return #expect(Bool(false)) }
    #expect(last.map(\.text) == ["", "running", "", "x", "y"])
  }

  @Test func `a state is read without the link behind it`() {
    let parts = read(
      "<table><tr><th>State</th><td>complete&nbsp; <a href=\"#import-log\">Log</a></td></tr></table>")
    #expect(
      parts == [
        .row([
          .init(isHeader: true, text: "State"),
          .init(isHeader: false, text: "complete", link: "#import-log", linkText: "Log"),
        ])
      ])
  }

  @Test func `no part of a number is read from a page that was cut`() {
    let page =
      "<html><body><p>Batches: 22</p><table><tr><th>Errors</th><td>229</td></tr></table></body></html>\n"
    for length in 0...page.utf8.count {
      for pieces in [1, Int.max] {
        let parts = read(String(page.prefix(length)), pieces: pieces)
        for part in parts {
          switch part {
          case .paragraph(let text): #expect(["Batches: 22", ""].contains(text), "cut after \(length)")
          case .row(let cells):
            #expect(cells.allSatisfy { ["Errors", "229", ""].contains($0.text) }, "cut after \(length)")
          case .alert: #expect(Bool(false))
          }
        }
        #expect(length < page.utf8.count - 1 || parts.count == 2)
      }
    }
  }

  @Test func `nothing is told after the receiver has had enough`() {
    #expect(read(Self.list, most: 2).count == 2)
    #expect(read(Self.list, pieces: 1, most: 3).count == 3)
  }

  @Test func `the alert of a user without permission is told`() {
    let parts = read(
      "<div><div class=\"z__general_alert\"><div>You are not</div> permitted to perform this action.</div></div>"
    )
    #expect(parts == [.alert("You are not permitted to perform this action.")])
  }

  @Test func `a long cell is cut, and says so`() {
    let long = String(repeating: "x", count: HTMLTableReader.longestCell + 1)
    guard case .row(let cells)? = read("<table><tr><td>\(long)</td><td>b</td></tr></table>").first else {
      return #expect(Bool(false))
    }
    #expect(cells.map(\.isCut) == [true, false])
    #expect(cells[0].text.utf8.count == HTMLTableReader.longestCell)
  }

  @Test func `cells beyond the sixteenth are left out`() {
    let row = String(repeating: "<td>x</td>", count: 40)
    guard case .row(let cells)? = read("<table><tr>\(row)</tr></table>").first else {
      return #expect(Bool(false))
    }
    #expect(cells.count == 16)
  }

  @Test func `no bytes, however strange, harm the reader`() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      let bytes = (0..<600).map { _ in "<>/tdr=\"' &;#x0\u{0}é!-a".utf8.randomElement(using: &random)! }
      let reader = HTMLTableReader { _ in true }
      _ = bytes.withUnsafeBytes { unsafe reader.take($0) }
      _ = reader.finish()
    }
  }

  @Test func `deeply nested elements are no harm`() {
    #expect(read(String(repeating: "<div>", count: 100_000) + "<p>x</p>").isEmpty == false)
  }
}
