/// Runs jobs one at a time in the order in which they were scheduled, as the server's only worker does.
///
/// A value without a clock: `advance(to:)` says what has happened since the last call. Times are those of
/// `SimulatorOptions.clock`.
struct JobWorker: Sendable {
  enum Event: Sendable, Equatable {
    case started(job: Int)
    case finished(job: Int)
  }

  private struct Entry {
    let job: Int
    let result: JobPlan.Result
    let duration: Duration
    let scheduled: Duration
  }

  private var queue: [Entry] = []
  private var current: (entry: Entry, end: Duration)?
  private var freeSince = Duration.zero
  private var isDead = false

  /// When the next job ends; nil if none is running that will.
  var nextEnd: Duration? { current?.end }

  /// Appends a job. One that is stuck never comes up.
  mutating func add(_ job: Int, _ result: JobPlan.Result, lasting duration: Duration, now: Duration) {
    guard result != .stuck else { return }
    queue.append(Entry(job: job, result: result, duration: duration, scheduled: now))
  }

  /// Runs what can be run until `now`. Returns the events in their order.
  mutating func advance(to now: Duration) -> [Event] {
    var events: [Event] = []
    while true {
      if let (entry, end) = current {
        guard end <= now else { return events }
        current = nil
        freeSince = end
        if entry.result != .killed { events.append(.finished(job: entry.job)) }
      } else {
        guard !isDead, !queue.isEmpty else { return events }
        let entry = queue.removeFirst()
        events.append(.started(job: entry.job))
        if entry.result == .deadWorker {
          isDead = true
        } else {
          current = (entry, max(entry.scheduled, freeSince) + entry.duration)
        }
      }
    }
  }

  /// Starts the worker anew: the job that was running stays as it is for ever, the queue goes on.
  mutating func restart(now: Duration) {
    current = nil
    isDead = false
    freeSince = now
  }

  /// Drops all jobs.
  mutating func forget() {
    queue = []
    current = nil
  }
}

/// Moves the jobs on at their time while nobody asks for anything, so that the record file and waiting tests hear of
/// it. A thread of its own runs this.
final class JobTimer: Sendable {
  private let bell = Bell()

  /// Says that the moment at which the next job ends is another.
  func reschedule() { bell.ring() }

  /// Works until the simulator stops.
  func run(_ core: Core) {
    while core.latch.waitForInput(on: bell.descriptor, atMost: core.timeToNextJobEnd()) {
      bell.silence()
      core.update { _ in }
    }
  }
}

/// Writes the log of a job as the server's page shows it.
enum JobLog {
  /// The server logs no more messages than this.
  static let messageLimit = 499
  /// Part of each message: messages quote values of records. It also needs escaping.
  static let quotedValue = "Ada <ada@example.org> & \"Co\""

  /// - Returns: nil for a job that has not ended.
  static func text(of batch: SimulatorRecord.Batch) -> String? {
    guard batch.state.isFinished else { return nil }
    var lines = ["START: \(DateText.short(batch.created))"]
    if batch.state == .error {
      lines.append("EXCEPTION: Error: Bad record in data file: \(quotedValue)")
    } else {
      lines += messages(batch.errors ?? 0)
    }
    return (lines + ["END: \(DateText.short(batch.finished ?? batch.created))"]).joined(separator: "\n")
  }

  /// A log of this size in bytes at the least, which one message fills.
  static func large(_ bytes: Int) -> String {
    let line = "Record 0: value is not valid: \(quotedValue)"
    let lines = Array(repeating: line, count: bytes / (line.utf8.count + 1) + 1)
    return (["START:"] + lines + ["END:"]).joined(separator: "\n")
  }

  private static func messages(_ errors: Int) -> [String] {
    let lines = (0..<min(errors, messageLimit)).map { "Record \($0): value is not valid: \(quotedValue)" }
    return errors > messageLimit ? lines + ["Too many errors, stopped logging"] : lines
  }
}
