import ImportCore
import Synchronization

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
