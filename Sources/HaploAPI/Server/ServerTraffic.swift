import ImportRuntime
import Synchronization

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
