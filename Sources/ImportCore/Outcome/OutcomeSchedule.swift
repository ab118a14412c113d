/// Decides which open job is asked about next, and when: a value without a clock. It holds only facts that one process has seen of
/// jobs that the journal has open; after a restart they are seen again.
///
/// Jobs run one at a time in the order of scheduling. So those behind one that was seen scheduled or running are not asked about.
public struct OutcomeSchedule: Sendable {
  private struct Note {
    var requests = 0
    /// Nil: at once.
    var next: MonotonicInstant?
    /// Answers in a row that were not understood.
    var unexpected = 0
    /// True if the job was scheduled or running when it was last read.
    var isPending = false
    /// The end of a job that could not be stored yet, which is tried again at `next`.
    var end: JobOutcome?
  }

  private var notes: [BatchID: Note] = [:]
  private var access: String?

  public init() {}

  // MARK: Which job

  /// The jobs that may be asked about, of all open ones in the order of scheduling.
  public func eligible(_ jobs: [OpenOutcome]) -> [OpenOutcome] {
    let unsettled = jobs.filter { notes[$0.batch]?.end == nil }
    let pending = unsettled.firstIndex { notes[$0.batch]?.isPending == true }
    return Array(pending.map { unsettled[...$0] } ?? unsettled[...])
  }

  /// The job that is asked about now; nil while all of them wait.
  public func due(_ jobs: [OpenOutcome], at now: MonotonicInstant) -> OpenOutcome? {
    eligible(jobs).filter { notes[$0.batch]?.next ?? now <= now }
      .min { (notes[$0.batch]?.next ?? now) < (notes[$1.batch]?.next ?? now) }
  }

  /// When the next of these jobs is asked about; nil if none waits.
  public func nextRequest(_ jobs: [OpenOutcome]) -> MonotonicInstant? {
    eligible(jobs).compactMap { notes[$0.batch]?.next }.min()
  }

  /// True if a job, or the pending one that it is behind, was not read `tries` times yet; false if it is none of the open `jobs`
  /// that can be read.
  public func isStillRead(_ job: OpenOutcome, of jobs: [OpenOutcome], _ tries: Int) -> Bool {
    guard jobs.contains(where: { $0.batch == job.batch }) else { return false }
    let eligible = eligible(jobs)
    guard let read = eligible.first(where: { $0.batch == job.batch }) ?? eligible.last else { return false }
    return notes[read.batch]?.requests ?? 0 < tries
  }

  /// True once a job has been open for so long that the list is searched for a later one that has ended.
  public func isSlow(_ job: OpenOutcome) -> Bool {
    OutcomePause.after(notes[job.batch]?.requests ?? 0) >= OutcomePause.slow
  }

  /// The end of a job that could not be stored yet, and when that is tried again.
  public func unstoredEnd(of job: OpenOutcome) -> (outcome: JobOutcome, next: MonotonicInstant?)? {
    notes[job.batch].flatMap { note in note.end.map { ($0, note.next) } }
  }

  // MARK: Events

  /// Forgets everything that was seen with another server or key.
  public mutating func use(_ access: String) {
    guard self.access != access else { return }
    self = OutcomeSchedule()
    self.access = access
  }

  /// Forgets the jobs that are not open any more.
  public mutating func keep(_ open: [BatchID: OpenOutcome]) {
    if notes.count > open.count { notes = notes.filter { open[$0.key] != nil } }
  }

  /// The batch was found in the list: its page is read at once. Answers that were not understood still count, for the page may be that
  /// of another batch again.
  public mutating func found(_ job: OpenOutcome) { notes[job.batch, default: Note()].next = nil }

  /// The job was scheduled or running.
  public mutating func wasOpen(_ job: OpenOutcome, at now: MonotonicInstant) {
    wait(job, now)
    notes[job.batch]?.isPending = true
    notes[job.batch]?.unexpected = 0
  }

  /// There was no answer that counts.
  public mutating func failed(_ job: OpenOutcome, at now: MonotonicInstant) { wait(job, now) }

  /// The answer was not understood. Returns true after so many in a row that the outcome is unknown for good.
  public mutating func wasUnexpected(_ job: OpenOutcome, at now: MonotonicInstant) -> Bool {
    wait(job, now)
    notes[job.batch]?.unexpected += 1
    return notes[job.batch, default: Note()].unexpected >= OutcomePause.unexpectedBeforeUnknown
  }

  /// The job's end was stored.
  public mutating func stored(_ job: OpenOutcome) { notes[job.batch] = nil }

  /// The job's end could not be stored, which is tried again after a pause.
  public mutating func couldNotStore(
    _ outcome: JobOutcome, of job: OpenOutcome, until next: MonotonicInstant
  ) {
    var note = notes[job.batch] ?? Note()
    (note.end, note.next, note.isPending) = (outcome, next, false)
    notes[job.batch] = note
  }

  private mutating func wait(_ job: OpenOutcome, _ now: MonotonicInstant) {
    var note = notes[job.batch] ?? Note()
    note.requests += 1
    note.isPending = false
    note.next = now.advanced(by: OutcomePause.after(note.requests))
    notes[job.batch] = note
  }
}

/// The pauses between two requests about the same job.
public enum OutcomePause {
  /// After the first request.
  public static let shortest = Duration.seconds(2)
  /// A large import takes many minutes.
  public static let longest = Duration.seconds(300)
  /// From this pause on, the list is read as well, to see whether a later job has ended.
  public static let slow = Duration.seconds(16)
  /// After a page that was refused while the server locks this address out: a lockout lifts 300 s after the last failure.
  public static let lockout = Duration.seconds(330)
  /// After a refusal, in a program that does not stay.
  public static let refused = Duration.seconds(3600)
  /// So many answers in a row that were not understood end the reading of a job.
  public static let unexpectedBeforeUnknown = 10

  /// A job whose time is over is read so often before it is unknown, half a minute long.
  public static let triesOfOverdue = 5

  /// The pause after so many requests, at least one.
  public static func after(_ requests: Int) -> Duration {
    min(shortest * (1 << min(max(requests, 1) - 1, 16)), longest)
  }
}
