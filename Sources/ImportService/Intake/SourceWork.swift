import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem

/// Everything that belongs to one source while the service runs.
final class SourceWork: Sendable {
  let settings: SourceSettings
  let intake: Intake
  private let stopping = Latch()

  init(settings: SourceSettings, intake: Intake) {
    self.settings = settings
    self.intake = intake
  }

  /// Nanoseconds that the end waits for a drop directory that does not answer.
  private static let patience: Int64 = 2_000_000_000

  /// Watches the drop directory until ``stop()`` or cancellation. If the directory hangs then, its thread is left alone.
  func run() async {
    let ended = Latch()
    let work = Task {
      await intake.run()
      ended.signal()
    }
    await withTaskGroup { group in
      group.addTask { await ended.wait(after: 0) }
      group.addTask { await self.stopping.wait(after: 0) }
      await group.next()
      group.cancelAll()
    }
    work.cancel()
    // A task of its own, for this one may have been cancelled, and would not wait.
    await Task {
      await withTaskGroup { group in
        group.addTask { await ended.wait(after: 0) }
        group.addTask { await TimerThread.shared.sleep(until: TimerThread.now + Self.patience) }
        await group.next()
        group.cancelAll()
      }
    }.value
  }

  /// Ends ``run()``.
  func stop() { stopping.signal() }
}
