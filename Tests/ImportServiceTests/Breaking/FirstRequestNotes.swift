import ImportCore
import ImportSystem
import Synchronization

@testable import ImportService

/// What became of the requests that were made ready.
final class Notes: Sendable {
  private struct State {
    var outcome: [String] = []
    var batches = 0
    var wasMoment = false
    var claims = 0
    var whenClaimed: (@Sendable () -> Void)?
  }

  private let slow = Atomic(false)
  private let dropped = Atomic(false)

  let signals = SignalInbox.apart()
  private let state = Mutex(State())

  var outcome: [String] { state.withLock { $0.outcome } }

  /// How many were made ready.
  var ready: Int { outcome.count { $0 == "ready" } }

  var batches: Int {
    get { state.withLock { $0.batches } }
    set { state.withLock { $0.batches = newValue } }
  }

  /// Whether requests are made ready only after the word was given.
  var isSlow: Bool {
    get { slow.load(ordering: .sequentiallyConsistent) }
    set { slow.store(newValue, ordering: .sequentiallyConsistent) }
  }

  var isSecondDropped: Bool {
    get { dropped.load(ordering: .sequentiallyConsistent) }
    set { dropped.store(newValue, ordering: .sequentiallyConsistent) }
  }

  /// Performs `body` when the second set has been claimed, before its courier begins.
  func whenClaimed(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.whenClaimed = body } }

  func claimed() {
    let body = state.withLock { state -> (@Sendable () -> Void)? in
      state.claims += 1
      return state.claims == 2 ? state.whenClaimed : nil
    }
    body?()
  }

  func note(_ what: String) { state.withLock { $0.outcome.append(what) } }

  /// Performs `body` the first time.
  func atMoment(_ body: () -> Void) {
    let isFirst = state.withLock { state in
      defer { state.wasMoment = true }
      return !state.wasMoment
    }
    if isFirst { body() }
  }
}

struct NotingTransport: Transport {
  let client: any Transport
  let notes: Notes

  func perform(_ request: ServerRequest) async -> Exchange { await client.perform(request) }

  func perform(_ request: ServerRequest, once goAhead: GoAhead) async -> Exchange? {
    notes.note("ready")
    while notes.isSlow, goAhead.decision == nil { await Task.yield() }
    let exchange = await client.perform(request, once: goAhead)
    notes.note(exchange == nil ? "withdrawn" : "sent")
    return exchange
  }
}

/// Tells the notes of claims.
struct ListeningLog: Log {
  let lines: Lines
  let notes: Notes

  func write(_ event: LogEvent) {
    lines.write(event)
    if event.kind == .setClaimed { notes.claimed() }
  }
}
