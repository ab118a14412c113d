public import ImportCore
import ImportRuntime
import ImportSystem
import Synchronization

/// Counts the requests of this process and their answers, and knows when the server's certificate expires.
///
/// Domain: `counts` is guarded by its mutex; the transfer engine's thread adds the bytes.
public final class ServerTally: Sendable {
  public struct Counts: Sendable, Hashable {
    /// Requests that were begun, by step.
    public var requests: [ServerStep: Int64] = [:]
    /// What came of them: `2xx` and so on by status, `none` where no answer came.
    public var answers: [String: Int64] = [:]
    /// Bytes of bodies that were handed to the system, those of failed requests included.
    public var sentBytes: Int64 = 0
    /// When the certificate expires that the server showed last; nil before the first connection, and without TLS.
    public var certificateExpiry: Timestamp?
  }

  /// Every class of answers that is told of.
  public static let classes = ["2xx", "3xx", "4xx", "5xx", "none"]
  private let counts = Mutex(Counts())

  public init() {}

  /// The counts as they are now.
  public var current: Counts { counts.withLock { $0 } }

  /// Counts what goes through `transport` from now on.
  public func counting(_ transport: any Transport) -> any Transport {
    CountingTransport(transport: transport, tally: self)
  }

  fileprivate func begun(_ step: ServerStep) {
    counts.withLock { $0.requests[step, default: 0] += 1 }
  }

  fileprivate func sent(_ bytes: Int64) { counts.withLock { $0.sentBytes += bytes } }

  /// A transport that was made for a new configuration has seen no certificate yet.
  fileprivate func saw(_ certificateExpiry: Timestamp?) {
    if let certificateExpiry { counts.withLock { $0.certificateExpiry = certificateExpiry } }
  }

  fileprivate func ended(_ exchange: Exchange) {
    let name =
      switch exchange {
      case .answered(let answer, _): "\(answer.status / 100)xx"
      case .failed: "none"
      }
    counts.withLock { $0.answers[name, default: 0] += 1 }
  }
}

/// Passes requests on and counts them.
private struct CountingTransport: Transport {
  let transport: any Transport
  let tally: ServerTally

  func perform(_ request: ServerRequest) async -> Exchange {
    tally.begun(request.question.step)
    let exchange = await transport.perform(counting(request))
    tally.ended(exchange)
    tally.saw(transport.certificateExpiry)
    return exchange
  }

  var certificateExpiry: Timestamp? { tally.current.certificateExpiry }

  private func counting(_ request: ServerRequest) -> ServerRequest {
    let (tally, told, meter) = (tally, request.onProgress, Meter())
    var request = request
    request.onProgress = { bytes in
      tally.sent(meter.growth(to: bytes))
      told?(bytes)
    }
    return request
  }
}

/// Turns what one request has sent so far into what came since the last time.
private final class Meter: Sendable {
  private let last = Mutex<Int64>(0)

  func growth(to bytes: Int64) -> Int64 {
    last.withLock { last in
      defer { last = max(last, bytes) }
      return max(bytes - last, 0)
    }
  }
}

/// Requests under way to a server by one address, key and proxy. Gates that follow one another share them as long as these stay.
final class ServerTraffic: Sendable {
  private let state = Mutex((requests: 0, isProbing: false))
  /// Signalled when a request or a probe has ended, or has shown something.
  let changes = Latch()

  /// Requests that go this way.
  var requests: Int { state.withLock { $0.requests } }

  var isProbing: Bool {
    get { state.withLock { $0.isProbing } }
    set { state.withLock { $0.isProbing = newValue } }
  }

  func begin() { state.withLock { $0.requests += 1 } }

  func end() { state.withLock { $0.requests -= 1 } }
}
