@testable import ImportSystem
import Testing

/// The parts of the engine that need no server: time is what the test says.
@Suite struct TransferPartsTests {
  let start = SuspendingClock().now

  @Test func `sending is timed from the last byte, waiting from the end of the request`() {
    var watch = TransferWatch(stallTimeout: .seconds(10), replyTimeout: .seconds(100))
    watch.observe(.notTimed, at: start)
    #expect(watch.overdue(at: start + .seconds(1000)) == nil)
    watch.observe(.sending(0), at: start)
    watch.observe(.sending(5), at: start + .seconds(9))
    watch.observe(.sending(5), at: start + .seconds(18))
    #expect(watch.overdue(at: start + .seconds(18)) == nil)
    #expect(watch.overdue(at: start + .seconds(19)) == .stalled)
    watch.observe(.waiting, at: start + .seconds(20))
    watch.observe(.waiting, at: start + .seconds(80))
    #expect(watch.overdue(at: start + .seconds(119)) == nil)
    #expect(watch.overdue(at: start + .seconds(120)) == .noAnswer)
  }

  @Test func `without limits nothing is ever overdue`() {
    let infinity = Duration.seconds(Int64.max)
    var watch = TransferWatch(stallTimeout: infinity, replyTimeout: infinity)
    watch.observe(.sending(0), at: start)
    #expect(watch.overdue(at: start + .seconds(900_000_000)) == nil)
    watch.observe(.waiting, at: start)
    #expect(watch.overdue(at: start + .seconds(900_000_000)) == nil)
  }

  @Test(arguments: [1, 7, 1000, 1 << 20, 1 << 40] as [Int64])
  func `over any time the bandwidth's sum is kept, and used`(rate: Int64) {
    var bandwidth = Bandwidth(rate: rate, now: start)
    var now = start
    var granted = 0
    while now < start + .seconds(20) {
      granted += bandwidth.grant(512 * 1024 * 1024, at: now)
      now += max(bandwidth.wait(at: now), .milliseconds(1))
    }
    let most = Double(rate) * 20.2 + max(Double(rate) / 8, 1)
    #expect(Double(granted) <= most)
    #expect(Double(granted) >= min(Double(rate) * 18, 512 * 1024 * 1024))
  }

  @Test func `what was sent unasked is waited for by those who ask`() {
    var bandwidth = Bandwidth(rate: 1000, now: start)
    bandwidth.charge(5000, at: start)
    #expect(bandwidth.grant(10, at: start + .seconds(4)) == 0)
    #expect(bandwidth.grant(10, at: start + .seconds(5)) == 10)
  }

  @Test(arguments: [
    ("", ""), ("AZaz09-._~", "AZaz09-._~"), (" ", "%20"), ("a&b=c+d", "a%26b%3Dc%2Bd"), ("%", "%25"),
    ("ü€", "%C3%BC%E2%82%AC"),
    ("\r\n", "%0D%0A"),
  ])
  func `form values are percent-encoded UTF-8`(text: String, encoded: String) {
    #expect(FormEncoding.encode(text) == encoded)
  }

  @Test func `no two requests have the same boundary, and every one is a legal one`() {
    var (one, other) = (Boundaries(), Boundaries())
    let all = (0..<100).flatMap { _ in [one.next(), other.next()] }
    #expect(Set(all).count == 200)
    #expect(
      all.allSatisfy {
        $0.utf8.count <= 70 && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
      })
  }

  @Test func `a field's name cannot end before its end`() throws {
    let folder = try TemporaryDirectory()
    let file = TransferFile(field: "f\"\r\n", name: "n", file: try folder.file("f", []), size: 0)
    let frame = MultipartFrame(fields: [("a\"b", "v")], file: file, boundary: "B")
    let text = String(decoding: frame.head, as: UTF8.self)
    #expect(text.contains("name=\"a%22b\"\r\n\r\nv\r\n"))
    #expect(text.contains("name=\"f%22%0D%0A\"; filename=\"n\"\r\n"))
  }

  @Test(arguments: [
    (Duration.milliseconds(200), "200ms"), (.seconds(20), "20s"), (.seconds(120), "2min"),
    (.seconds(90), "90s"),
    (.seconds(7200), "2h"),
  ])
  func `time spans read as they are configured`(duration: Duration, text: String) {
    #expect(duration.timeSpan == text)
  }

  @Test(arguments: [
    ("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno", 403, "no", true),
    ("HTTP/1.1 403 No\r\nContent-Length: 5\r\n\r\nno", 403, "no", false),
    ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 413 Big\r\ncontent-length: 0\r\n\r\n", 413, "", true),
    ("HTTP/1.1 500 \n\nx", 500, "x", false),
  ])
  func `an answer is read from a broken connection`(text: String, status: Int, body: String, isWhole: Bool) {
    var reader = AnswerReader()
    #expect(reader.takeAll(from: Array(text.utf8)) == isWhole)
    #expect(reader.hasHeaders)
    #expect(reader.status == status)
    #expect(reader.body == Array(body.utf8))
  }

  @Test(arguments: ["", "\r\n", "garbage", "HTTP/1.1 200 OK\r\nContent-", "\u{16}\u{3}\u{1}"])
  func `what is no whole answer is none`(text: String) {
    var reader = AnswerReader()
    _ = reader.takeAll(from: Array(text.utf8))
    #expect(!reader.hasHeaders)
  }
}
