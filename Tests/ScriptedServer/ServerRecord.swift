import Glibc
import Synchronization

/// What a server remembers of all its connections.
final class ServerRecord: Sendable {
  struct State {
    var requests: [ScriptedServer.Request] = []
    var connections = 0
    var present = 0
    var mostPresent = 0
  }

  let state = Mutex(State())
  private let arrived: AsyncStream<Void>.Continuation
  private let departed: AsyncStream<Void>.Continuation

  init(_ arrived: AsyncStream<Void>.Continuation, _ departed: AsyncStream<Void>.Continuation) {
    self.arrived = arrived
    self.departed = departed
  }

  func closed() { departed.yield() }

  func connected() { state.withLock { $0.connections += 1 } }

  func arrived(_ head: String, on connection: Int) {
    state.withLock { state in
      state.requests.append(.init(connection: connection, head: head, body: []))
      state.present += 1
      state.mostPresent = max(state.mostPresent, state.present)
    }
    arrived.yield()
  }

  func received(_ body: [UInt8], on connection: Int) {
    state.withLock { state in
      guard let index = state.requests.lastIndex(where: { $0.connection == connection }) else { return }
      state.requests[index].body += body
    }
  }

  func left() { state.withLock { $0.present -= 1 } }
}

/// Lets threads wait for each other: so many at a time go on together (pthread_barrier_wait(3)).
public final class Barrier: @unchecked Sendable {
  private let raw = UnsafeMutablePointer<pthread_barrier_t>.allocate(capacity: 1)

  public init(_ count: UInt32) { pthread_barrier_init(raw, nil, count) }

  deinit {
    pthread_barrier_destroy(raw)
    raw.deallocate()
  }

  func wait() { pthread_barrier_wait(raw) }
}

private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

func startThread(_ run: @escaping @Sendable () -> Void) {
  var thread = pthread_t()
  let code = pthread_create(
    &thread, nil,
    { argument in
      Unmanaged<ThreadBody>.fromOpaque(argument!).takeRetainedValue().run()
      return nil
    }, Unmanaged.passRetained(ThreadBody(run)).toOpaque())
  precondition(code == 0)
  pthread_detach(thread)
}
