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

/// Remembers the first reason why the program has to end, and lets one task wait for it.
public final class Ending: Sendable {
  private let first = Mutex<(any Error)?>(nil)
  private let changes = Latch()

  public init() {}

  /// Says that the program cannot go on.
  public func end(because error: any Error) {
    first.withLock { if $0 == nil { $0 = error } }
    changes.signal()
  }

  /// Performs work without which the program cannot go on: its failure is told here before it is thrown, for a task
  /// group waits for its own body, however many of its children have failed.
  public func watching(_ work: () async throws -> Void) async throws {
    do {
      try await work()
    } catch {
      if !(error is CancellationError) { end(because: error) }
      throw error
    }
  }

  /// Waits for the first reason and throws it; returns when the task is cancelled.
  public func wait() async throws {
    while !Task.isCancelled {
      let seen = changes.version
      if let error = first.withLock({ $0 }) { throw error }
      await changes.wait(after: seen)
    }
  }
}

/// Performs `body` so that cancellation of the calling task reaches it only after `grace`: a schedule call that is
/// under way when the program ends is worth a few seconds, for it would stay in doubt otherwise.
public func shielded<Value: Sendable>(
  grace: Duration, _ time: any Time, _ body: @escaping @Sendable () async -> Value
) async -> Value {
  let work = Task { await body() }
  return await withTaskCancellationHandler {
    await work.value
  } onCancel: {
    // Ends with the work: whichever comes first, the task that waits for `work` goes on.
    Task {
      try? await time.sleep(for: grace)
      work.cancel()
    }
  }
}
