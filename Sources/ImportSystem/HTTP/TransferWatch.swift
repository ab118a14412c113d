import CCurl

/// Decides when a transfer has taken too long: while it is sent, no byte may stand still for the stall
/// timeout; after that, the answer must be whole within the reply timeout, for the server may think for
/// minutes. Connecting is libcurl's to time, which divides the time among a host's addresses.
struct TransferWatch {
  typealias Instant = SuspendingClock.Instant

  /// How far a transfer has come.
  enum Progress: Hashable {
    /// Finding and greeting the server, or held back by our own bandwidth limit.
    case notTimed
    /// Sending, with so many bytes of the body taken by the system.
    case sending(Int64)
    /// Sent; the answer is awaited or coming in.
    case waiting
  }

  private let stallTimeout: Duration
  private let replyTimeout: Duration
  private var progress = Progress.notTimed
  /// The moment at which patience ends; nil while nothing is timed.
  private(set) var deadline: Instant?

  init(stallTimeout: Duration, replyTimeout: Duration) {
    // Three decades stand for infinity, to which no clock's time can be added.
    self.stallTimeout = min(stallTimeout, .seconds(1_000_000_000))
    self.replyTimeout = min(replyTimeout, .seconds(1_000_000_000))
  }

  /// Notes how far the transfer is now; any change begins a new span.
  mutating func observe(_ newProgress: Progress, at now: Instant) {
    guard newProgress != progress else { return }
    progress = newProgress
    deadline =
      switch progress {
      case .notTimed: nil
      case .sending: now.advanced(by: stallTimeout)
      case .waiting: now.advanced(by: replyTimeout)
      }
  }

  /// Says what is overdue at `now`.
  func overdue(at now: Instant) -> TransferFailure.Kind? {
    guard let deadline, now >= deadline else { return nil }
    return progress == .waiting ? .noAnswer : .stalled
  }
}

/// The sockets that libcurl has open, for it does not tell a transfer which one it uses. Lives on the engine's thread.
final class OpenSockets {
  private var sockets: Set<Int32> = []

  func add(_ socket: Int32) { sockets.insert(socket) }

  func remove(_ socket: Int32) { sockets.remove(socket) }

  /// The socket whose connection has this port of ours.
  func socket(withPort port: Int32) -> Int32? { sockets.first { LeftBytes.localPort(of: $0) == port } }
}

/// How far a TCP connection has come, by the kernel's own account.
struct TCPProgress {
  /// Bytes of ours that the peer's kernel has acknowledged. A peer that closed its side before more arrived never
  /// acknowledges them.
  let acknowledged: UInt64
  /// True if the peer has closed its side in good order (FIN), whatever came after that.
  let peerHasClosed: Bool

  /// Nil if the system does not say.
  init?(of socket: Int32) {
    var bytes: UInt64 = 0
    var closed: Int32 = 0
    guard unsafe haplo_tcp_progress(socket, &bytes, &closed) == 0 else { return nil }
    acknowledged = bytes
    peerHasClosed = closed != 0
  }
}

/// Shares out a number of bytes a second among all transfers: a bucket that fills at that rate and holds an
/// eighth of a second's worth, so that the sum over any longer time keeps the limit.
struct Bandwidth {
  typealias Instant = SuspendingClock.Instant

  private let rate: Double
  private let capacity: Double
  private var tokens: Double
  private var filled: Instant

  /// Begins full. `rate` is in bytes a second, at least 1.
  init(rate: Int64, now: Instant) {
    self.rate = Double(max(rate, 1))
    capacity = max(self.rate / 8, 1)
    tokens = capacity
    filled = now
  }

  /// Grants as many of `wanted` bytes as may be sent now; 0 means to come back after ``wait(at:)``. It grants
  /// nothing below half a bucket, lest it dribbles.
  mutating func grant(_ wanted: Int, at now: Instant) -> Int {
    fill(at: now)
    guard tokens >= min(Double(wanted), quantum) else { return 0 }
    let granted = min(wanted, Int(tokens))
    tokens -= Double(granted)
    return granted
  }

  /// Counts bytes that are sent in any case, such as forms; later ones wait the longer.
  mutating func charge(_ bytes: Int, at now: Instant) {
    fill(at: now)
    tokens -= Double(bytes)
  }

  /// How long until there is something to grant; zero if there is now.
  mutating func wait(at now: Instant) -> Duration {
    fill(at: now)
    return tokens >= quantum ? .zero : .seconds((quantum - tokens) / rate)
  }

  private var quantum: Double { max(capacity / 2, 1) }

  private mutating func fill(at now: Instant) {
    let elapsed = filled.duration(to: now).components
    tokens = min(capacity, tokens + rate * (Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18))
    filled = now
  }
}
