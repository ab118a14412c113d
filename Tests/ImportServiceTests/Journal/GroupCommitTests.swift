import ImportCore
@testable import ImportRuntime
@testable import ImportService
@testable import ImportStorage
@testable import ImportSystem
import Testing

/// What many who record at the same time may rely on.
@Suite struct GroupCommitTests {
  @Test(.timeLimit(.minutes(5)))
  func `everybody who records at the same time goes on, whatever threads they run on`() async throws {
    let files = try JournalPlace()
    let journal = try Journal(in: files.open(), time: ManualTime(), log: NoLines())
    let threads = OwnThreads()
    // Only two at a time: a third that came later would write for one that was forgotten.
    for round in 0..<800 {
      try await withThrowingDiscardingTaskGroup { group in
        for task in 0..<2 {
          group.addTask(executorPreference: threads) {
            try await journal.record(Self.breaker("\(task)-\(round)"))
            try await journal.makeDurable()
          }
        }
      }
    }
    #expect(journal.current.sequence == 1600)
  }

  /// Who asks just then is told as well that what is in the new file is on the disk.
  @Test(.timeLimit(.minutes(5)))
  func `nobody is left behind while the file is made anew`() async throws {
    let files = try JournalPlace()
    let journal = try Journal(
      in: files.open(), time: ManualTime(), log: NoLines(), smallestRenewal: 1024)
    for round in 0..<4000 {
      try await journal.record(Self.breaker("\(round)"))
      try await journal.makeDurable()
    }
    #expect(await journal.length < 16 * 1024)
  }

  /// A record that differs from all others.
  private static func breaker(_ key: String) -> ServerBreaker {
    var breaker = ServerBreaker()
    _ = breaker.refused(.keyRefused, Reason("refused"), key: key, at: Timestamp(microseconds: 0))
    return breaker
  }
}

private struct NoLines: Log {
  func write(_ event: LogEvent) {}
}

/// Threads that tasks prefer, so that who records and who writes never share one.
private final class OwnThreads: TaskExecutor {
  private let queue = JobQueue(name: "test", threads: 2)

  init() {
    do { try queue.startThreads() } catch {
      preconditionFailure("no thread: \(error)")
    }
  }

  deinit { queue.close() }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.add { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
