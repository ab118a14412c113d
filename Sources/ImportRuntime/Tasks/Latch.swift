public import ImportCore
import Synchronization

/// Lets tasks sleep until something has changed. A wake-up is a hint: whoever wakes reads the truth again. Nothing is
/// missed between looking and sleeping, because the sleeper says which change it saw last.
public final class Latch: Sendable {
  private struct State {
    var version: UInt64 = 0
    var last: UInt64 = 0
    var sleepers: [UInt64: CheckedContinuation<Void, Never>] = [:]
  }

  private let state = Mutex(State())

  public init() {}

  /// How many changes there have been. To be read before looking at what is waited for.
  public var version: UInt64 { state.withLock { $0.version } }

  /// Says that something has changed, and wakes all who sleep.
  public func signal() {
    let sleepers = state.withLock { state in
      state.version += 1
      defer { state.sleepers = [:] }
      return Array(state.sleepers.values)
    }
    for sleeper in sleepers { sleeper.resume() }
  }

  /// Sleeps until there has been a change after `seen`, or the task is cancelled.
  public func wait(after seen: UInt64) async {
    let number = state.withLock { state in
      state.last += 1
      return state.last
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if Task.isCancelled || state.version > seen { return true }
          state.sleepers[number] = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.sleepers.removeValue(forKey: number) }?.resume()
    }
  }

  /// Sleeps no longer than until `deadline`.
  public func wait(after seen: UInt64, until deadline: MonotonicInstant, _ time: any Time) async {
    await withTaskGroup { group in
      group.addTask { await self.wait(after: seen) }
      group.addTask { try? await time.sleep(until: deadline) }
      await group.next()
      group.cancelAll()
    }
  }
}
