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
