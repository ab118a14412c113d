import ImportCore
import ImportSystem
import Synchronization

/// Begins the look at a name as soon as the kernel tells of it, while the intake's task is being woken, which then finds it under
/// way. It looks just as the intake would, which sleeps meanwhile and changes nothing; with folders that are waiting there is
/// more to know, and it does nothing.
///
/// Domain: `state` is guarded by its mutex; events come from the event thread, everything else from the intake.
final class Scout: Sendable {
  /// A look that was begun.
  struct Begun: Sendable {
    let name: EntryName
    fileprivate let outcome = Eventual<Result<NameLook.Found, SystemError>>()

    /// What it found; waits for its end.
    func result() async throws(SystemError) -> NameLook.Found { try await outcome.value.get() }
  }

  private struct State {
    /// How to look, while the intake sleeps.
    var orders: (look: NameLook, watches: [Inotify.Watch])?
    var begun: Begun?
  }

  private let state = Mutex(State())
  private let workers: WorkerPool

  init(_ workers: WorkerPool) { self.workers = workers }

  /// Looks like that at the next name of which one of these watches tells, until ``recall()``.
  func standBy(_ look: NameLook, _ watches: [Inotify.Watch]) {
    state.withLock { $0.orders = (look, watches) }
  }

  /// Begins no look any more; returns the one that was begun.
  func recall() -> Begun? {
    state.withLock { state in
      state.orders = nil
      return state.begun.take()
    }
  }

  /// Takes in what the kernel tells, before the intake hears of it.
  func hear(_ events: [InotifyEvent]) {
    guard events.count == 1, case .changed(let watch, let name)? = events.first,
      let (look, begun) = begin(name, watch)
    else { return }
    workers.start {
      do throws(SystemError) {
        let found = try look.run([name])
        begun.outcome.settle(.success(found))
        look.prepare(found)
      } catch {
        begun.outcome.settle(.failure(error))
      }
    }
  }

  private func begin(_ name: EntryName, _ watch: Inotify.Watch) -> (NameLook, Begun)? {
    state.withLock { state in
      guard let orders = state.orders, orders.watches.contains(watch) else { return nil }
      let begun = Begun(name: name)
      state = State(orders: nil, begun: begun)
      return (orders.look, begun)
    }
  }
}
