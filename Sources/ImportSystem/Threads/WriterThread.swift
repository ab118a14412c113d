import Synchronization

/// Passes items to one thread that may block for as long as it likes, such as in writing to a pipe that nobody reads. Those
/// who add items never wait: an item for which there is no room is dropped.
///
/// Domains: `state` is guarded by its mutex; `write` is called on the thread only.
public final class WriterThread<Item: Sendable>: Sendable {
  private struct State {
    var items: [(item: Item, size: Int)] = []
    var size = 0
    var isWriting = false
    var isStarted = false
    /// Signalled once nothing is left to write.
    var finishers: [Semaphore] = []
  }

  private let name: String
  private let limit: (items: Int, bytes: Int)
  private let write: @Sendable (Item) -> Void
  private let state = Mutex(State())
  private let ready = Semaphore()

  /// Prepares a thread called `name`, which is started with the first item. At most `items` items of `bytes` bytes in total
  /// wait for it.
  public init(name: String, items: Int, bytes: Int, write: @escaping @Sendable (Item) -> Void) {
    self.name = name
    limit = (items, bytes)
    self.write = write
  }

  /// Adds an item of about `size` bytes. Does not block.
  ///
  /// - Parameter isOutdated: True for waiting items that the new one makes superfluous; they are dropped.
  /// - Returns: false if it was dropped, because too many wait or the system has no thread to give.
  public func add(_ item: Item, size: Int, replacing isOutdated: ((Item) -> Bool)? = nil) -> Bool {
    let (isAdded, needsThread) = state.withLock { state in
      if let isOutdated {
        state.items.removeAll { isOutdated($0.item) }
        state.size = state.items.reduce(0) { $0 + $1.size }
      }
      guard state.items.count < limit.items, state.size + size <= limit.bytes else { return (false, false) }
      state.items.append((item, size))
      state.size += size
      defer { state.isStarted = true }
      return (true, !state.isStarted)
    }
    guard isAdded else { return false }
    if needsThread, !startThread() { return false }
    ready.signal()
    return true
  }

  /// Waits until all items are written, but no longer than `nanoseconds`. Blocks the calling thread: for the end of a
  /// program.
  ///
  /// - Returns: true if nothing is left.
  @discardableResult
  public func finish(within nanoseconds: Int64) -> Bool {
    let finisher = Semaphore()
    let isDone = state.withLock { state in
      if state.items.isEmpty, !state.isWriting { return true }
      state.finishers.append(finisher)
      return false
    }
    if !isDone { finisher.wait(until: TimerThread.now + nanoseconds) }
    return state.withLock { $0.items.isEmpty && !$0.isWriting }
  }

  private func startThread() -> Bool {
    do {
      try NamedThread.start(name) { [self] in run() }
      return true
    } catch {
      state.withLock { state in
        state.isStarted = false
        (state.items, state.size) = ([], 0)
      }
      return false
    }
  }

  private func run() -> Never {
    while true {
      ready.wait()
      guard let item = take() else { continue }
      write(item)
      for finisher in written() { finisher.signal() }
    }
  }

  private func take() -> Item? {
    state.withLock { state in
      guard !state.items.isEmpty else { return nil }
      let (item, size) = state.items.removeFirst()
      state.size -= size
      state.isWriting = true
      return item
    }
  }

  private func written() -> [Semaphore] {
    state.withLock { state in
      state.isWriting = false
      guard state.items.isEmpty else { return [] }
      defer { state.finishers = [] }
      return state.finishers
    }
  }
}
