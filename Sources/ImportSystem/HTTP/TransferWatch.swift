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
