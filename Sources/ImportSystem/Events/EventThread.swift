import CLinux
import Glibc
import Synchronization

/// One thread that sleeps until one of several descriptors can be read, and then calls whoever asked for it.
/// With nothing to read it makes no system call at all.
///
/// Domains: `state` is guarded by its mutex. Handlers run on the thread, one at a time, and must not block: they
/// read their descriptor until it is empty and pass on what they found.
public final class EventThread: Sendable {
  /// Does what poll(2) does without a timeout: sleeps, and returns -1 and sets `errno` if it cannot.
  typealias Poll = @Sendable (_ entries: inout [pollfd]) -> Int32

  private let core: Core

  /// Starts the thread, called `name`. It ends when this object is no longer referred to, or when the system will not
  /// let it wait (a filter of system calls, a limit of open files below the number of descriptors): then `whenBroken`
  /// is called on it, once, and no handler ever after, so that whoever waits for events must not go on.
  public convenience init(
    name: String, whenBroken: @escaping @Sendable (SystemError) -> Void
  ) throws(SystemError) {
    try self.init(
      name: name, poll: { entries in unsafe poll(&entries, nfds_t(entries.count), -1) },
      whenBroken: whenBroken)
  }

  /// The same, with another `poll`.
  init(
    name: String, poll: @escaping Poll, whenBroken: @escaping @Sendable (SystemError) -> Void
  ) throws(SystemError) {
    let core = try Core(poll)
    self.core = core
    if let simulated = ThreadSupply.simulated {
      simulated.add {
        do throws(SystemError) {
          return try core.step()
        } catch {
          whenBroken(error)
          return false
        }
      }
      return
    }
    try NamedThread.start(name) {
      do throws(SystemError) { try core.run() } catch { whenBroken(error) }
    }
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
  private let poll: EventThread.Poll

  init(_ poll: @escaping EventThread.Poll) throws(SystemError) {
    wakeUp = try WakeUp()
    self.poll = poll
  }

  func change(_ body: (inout State) -> Void) {
    state.withLock { body(&$0) }
    wakeUp.signal()
  }

  func close() { change { $0.isClosed = true } }

  /// Returns once it is closed; throws if it cannot wait.
  func run() throws(SystemError) { while try step() {} }

  /// Waits once and calls the handlers of descriptors that can be read; false if it is closed.
  func step() throws(SystemError) -> Bool {
    let (descriptors, isClosed) = state.withLock { (Array($0.handlers.keys), $0.isClosed) }
    if isClosed { return false }
    for descriptor in try readable(of: descriptors) {
      let handler = state.withLock { $0.handlers[descriptor] }
      handler?()
    }
    return true
  }

  /// Sleeps until something can be read; returns the readable ones among `descriptors`. A descriptor in an error
  /// state counts as readable, for only reading tells what is wrong with it.
  private func readable(of descriptors: [Int32]) throws(SystemError) -> [Int32] {
    var entries = ([wakeUp.descriptor] + descriptors).map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    do throws(SystemError) {
      try systemCall("wait for events", "(poll of \(entries.count))") { poll(&entries) }
    } catch {
      guard error.errno == EAGAIN else { throw error }
      return []
    }
    if entries[0].revents != 0 { wakeUp.clear() }
    return entries.dropFirst().filter { $0.revents != 0 }.map(\.fd)
  }
}

/// A latch that a thread sleeping in poll(2) can be woken by (eventfd(2)).
private struct WakeUp: ~Copyable, Sendable {
  private let owned: Descriptor

  init() throws(SystemError) {
    owned = Descriptor(
      owning: try systemCall("make", "an eventfd") { eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)) })
  }

  var descriptor: Int32 { owned.number }

  /// Makes the descriptor readable until ``clear()``; repeating changes nothing.
  func signal() {
    var one: UInt64 = 1
    _ = unsafe write(descriptor, &one, 8)
  }

  /// Makes the descriptor unreadable again.
  func clear() {
    var count: UInt64 = 0
    _ = unsafe read(descriptor, &count, 8)
  }
}
