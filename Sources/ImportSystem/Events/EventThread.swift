import Glibc
import Synchronization

/// One thread that sleeps until one of several descriptors can be read, and then calls whoever asked for it.
/// With nothing to read it makes no system call at all.
///
/// Domains: `state` is guarded by its mutex. Handlers run on the thread, one at a time, and must not block: they
/// read their descriptor until it is empty and pass on what they found.
public final class EventThread: Sendable {
  private let core: Core

  /// Starts the thread, called `name`. It ends when this object is no longer referred to.
  public init(name: String) throws(SystemError) {
    let core = try Core()
    self.core = core
    try NamedThread.start(name) { core.run() }
  }

  deinit { core.close() }

  /// Calls `handler` whenever `descriptor` can be read, until ``remove(_:)``. The descriptor must stay open until
  /// then.
  public func add(_ descriptor: Int32, handler: @escaping @Sendable () -> Void) {
    core.change { $0.handlers[descriptor] = handler }
  }

  /// Stops the calls for `descriptor`. One that is under way at this moment may still end after this returns.
  public func remove(_ descriptor: Int32) {
    core.change { $0.handlers[descriptor] = nil }
  }
}

/// What the thread works on; it outlives the ``EventThread`` until the thread has ended.
private final class Core: Sendable {
  struct State {
    var handlers: [Int32: @Sendable () -> Void] = [:]
    var isClosed = false
  }

  private let state = Mutex(State())
  private let wakeUp: WakeUp

  init() throws(SystemError) { wakeUp = try WakeUp() }

  func change(_ body: (inout State) -> Void) {
    state.withLock { body(&$0) }
    wakeUp.signal()
  }

  func close() { change { $0.isClosed = true } }

  func run() {
    while true {
      let (descriptors, isClosed) = state.withLock { (Array($0.handlers.keys), $0.isClosed) }
      if isClosed { return }
      for descriptor in readable(of: descriptors) {
        let handler = state.withLock { $0.handlers[descriptor] }
        handler?()
      }
    }
  }

  /// Sleeps until something can be read; returns the readable ones among `descriptors`. A descriptor in an error
  /// state counts as readable, for only reading tells what is wrong with it.
  private func readable(of descriptors: [Int32]) -> [Int32] {
    var entries = ([wakeUp.descriptor] + descriptors).map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    let count = nfds_t(entries.count)
    guard unsafe poll(&entries, count, -1) > 0 else { return [] }
    if entries[0].revents != 0 { wakeUp.clear() }
    return entries.dropFirst().filter { $0.revents != 0 }.map(\.fd)
  }
}
