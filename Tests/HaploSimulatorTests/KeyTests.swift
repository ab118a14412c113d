import HaploSimulator
import Synchronization
import Testing

/// A clock that a test moves by hand.
final class ManualClock: Sendable {
  private let value = Mutex(Duration.seconds(1000))
  var now: Duration { value.withLock { $0 } }
  func advance(_ time: Duration) { value.withLock { $0 += time } }
}

@Suite struct KeyTests {
  private let clock = ManualClock()
  private let simulator: Simulator
  private let form = RawRequest.form(.batch, "control=x")
  private let multipart = RawRequest.multipart(.file, [.file("{}")])

  init() throws {
    var options = SimulatorOptions(apiKey: goodKey)
    options.clock = { [clock] in clock.now }
    simulator = try Simulator(options)
  }

  private func fail(_ times: Int) throws {
    for _ in 0..<times { _ = try simulator.send(form.with { $0.key = "wrong-wrong-wrong-wrong" }) }
  }

  @Test func `fifty failed keys lock good ones out until 300 s after the last`() throws {
    try fail(49)
    #expect(try simulator.send(form)?.status == 400)
    try fail(1)
    #expect(try simulator.send(form)?.body.contains("Request denied for security reasons") == true)
    #expect(try simulator.send(multipart)?.body.contains(#""kind":"THROTTLE""#) == true)
    clock.advance(.seconds(299))
    #expect(try simulator.send(form)?.status == 403)
    clock.advance(.seconds(2))
    #expect(try simulator.send(form)?.status == 400)
    try fail(49)
    #expect(try simulator.send(form)?.status == 400)
  }

  @Test func `failures that are long ago do not count`() throws {
    try fail(49)
    clock.advance(.seconds(301))
    try fail(49)
    #expect(try simulator.send(form)?.status == 400)
  }

  @Test func `a request without a key is no failed key`() throws {
    for _ in 0..<60 { _ = try simulator.send(form.with { $0.key = nil }) }
    #expect(try simulator.send(form)?.status == 400)
  }

  @Test func `a throttle can be lifted by hand`() throws {
    try fail(50)
    simulator.liftThrottle()
    #expect(try simulator.send(form)?.status == 400)
  }

  @Test func `a key under 16 characters is never valid`() throws {
    simulator.acceptKey("short-key-of-15")
    simulator.acceptKey("short-key-of-16!")
    #expect(try simulator.send(form.with { $0.key = "short-key-of-15" })?.status == 403)
    #expect(try simulator.send(form.with { $0.key = "short-key-of-16!" })?.status == 400)
  }

  @Test func `a key can be revoked and another accepted while it runs`() throws {
    simulator.revokeKey()
    #expect(try simulator.send(form)?.status == 403)
    simulator.acceptKey("another-key-another-key")
    #expect(try simulator.send(form.with { $0.key = "another-key-another-key" })?.status == 400)
    #expect(try simulator.send(form)?.status == 403)
  }

  @Test func `a blocked user is told so in the kind`() throws {
    try simulator.add("any:block:nth=1")
    #expect(try simulator.send(multipart)?.body.contains(#""kind":"UNAUTHORISED""#) == true)
    #expect(try simulator.send(form)?.body.contains("Request denied for security reasons") == true)
  }

  @Test func `the refusal comes before the body, which is never asked for`() throws {
    let connection = try RawConnection(port: simulator.port)
    let request = multipart.with {
      $0.key = "wrong-wrong-wrong-wrong"
      $0.headers = ["Expect: 100-continue"]
    }
    connection.send(request.head)
    let bytes = connection.receive()
    #expect(RawAnswer(bytes)?.status == 403)
    #expect(!String(decoding: bytes, as: UTF8.self).contains("100 Continue"))
    #expect(simulator.record.requests.map(\.received) == [0])
  }

  @Test func `a good key's body is asked for`() throws {
    let connection = try RawConnection(port: simulator.port)
    let request = form.with { $0.headers = ["Expect: 100-continue"] }
    connection.send(request.head)
    let first = connection.receive { String(decoding: $0, as: UTF8.self).hasSuffix("\r\n\r\n") }
    #expect(String(decoding: first, as: UTF8.self).hasPrefix("HTTP/1.1 100"))
    connection.send(request.body)
    #expect(connection.answer()?.status == 400)
  }

  @Test func `a large body breaks off, and the refusal is there to be read`() throws {
    let connection = try RawConnection(port: simulator.port)
    var request = multipart.with { $0.key = "wrong-wrong-wrong-wrong" }
    request.body = [UInt8](repeating: 0x61, count: 64 << 20)
    connection.send(request.head)
    #expect(!connection.send(request.body))
    #expect(RawAnswer(connection.receive())?.status == 403)
  }
}
