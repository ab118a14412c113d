import HaploAPI
import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem

/// Reads from the server's jobs pages what became of each scheduled set, one request at a time. It informs; nothing depends
/// on it but `Mode=import-if-clean`. Without an outcome key, or while no job is open, it sends nothing.
///
/// A job's number in the server's database is found in the list of batches once, and its own page is read from then on. Jobs
/// run one at a time in the order of scheduling, so that while one is known to be pending those behind it need no request.
///
/// Domain: an actor; one call of ``run()`` or ``readOnce()`` at a time.
actor OutcomeReader {
  let recorder: SetRecorder
  let settings: CurrentSettings
  let time: any Time
  let blocking: BlockingWork
  let notices: NoticeBoard
  let results: ResultFiles
  let register: SourceRegister
  private var schedule = OutcomeSchedule()
  /// Until when the server locks this address out, as far as a refused page tells.
  private var lockedOutUntil: MonotonicInstant?
  /// True if each job is read once only: then a proof that it is stuck is searched for at once.
  private var isThorough = false
  /// True if the last request got no answer that counts.
  private var hasFailed = false

  init(
    recorder: SetRecorder, settings: CurrentSettings, time: any Time, blocking: BlockingWork,
    notices: NoticeBoard, results: ResultFiles, register: SourceRegister
  ) {
    self.recorder = recorder
    self.settings = settings
    self.time = time
    self.blocking = blocking
    self.notices = notices
    self.results = results
    self.register = register
  }

  var journal: Journal { recorder.journal }
  var log: any Log { recorder.log }
  private var now: MonotonicInstant { time.monotonic }

  /// Reads until the task is cancelled. Throws when the journal has failed.
  func run() async throws {
    while true {
      try Task.checkCancellation()
      let seen = (settings: settings.changes.version, outcomes: journal.outcomeChanges.version)
      schedule.keep(journal.outcomes.jobs)
      try await endOverdue()
      try await importClean()
      if let job = schedule.due(jobs(), at: now) {
        try await read(job)
      } else {
        await sleep(after: seen)
      }
    }
  }

  /// Reads each job once that can have ended, for a program that does not stay.
  func readOnce() async throws {
    try await liftOldStop()
    try await endOverdue()
    (isThorough, hasFailed) = (true, false)
    var done: Set<BatchID> = []
    while !hasFailed, let job = eligible().first(where: { !done.contains($0.batch) }) {
      try Task.checkCancellation()
      // One reading of the list looks for all jobs without a number.
      let asked = job.number == nil ? eligible().filter { $0.number == nil } : [job]
      try await read(job)
      for job in asked where job.number != nil || journal.outcomes.jobs[job.batch]?.number == nil {
        done.insert(job.batch)
      }
    }
    try await endOverdue()
    try await importClean()
  }

  // MARK: Which job

  /// The open jobs of the server in use, in the order of scheduling; none while its pages must not be asked for.
  private func jobs() -> [OpenOutcome] {
    guard let access = settings.outcomes, !journal.outcomes.reading.stops(access.key), lockoutEnd == nil
    else { return [] }
    schedule.use(access.identity)
    return journal.outcomes.ordered.filter { $0.server == access.url }
  }

  private func eligible() -> [OpenOutcome] { schedule.eligible(jobs()) }

  /// When the server can be asked again that locks this address out, good keys included; nil if it does not, or did so longer
  /// ago. Where no set waits, nobody else finds out that a lockout is over.
  private var lockoutEnd: MonotonicInstant? {
    guard let stop = journal.server.stop, stop.cause == .throttled else { return nil }
    let rest = min(stop.next.since(time.now), OutcomePause.lockout)
    let end = max(now.advanced(by: rest), lockedOutUntil ?? now)
    return end > now ? end : nil
  }

  /// Stores the ends that could not be stored before. Jobs that had `OutcomeTimeoutSec=` to end are unknown for good, but the
  /// pages are read first: they may show an end of the time when no daemon ran, or one of which a power cut lost the record. Both
  /// whether or not outcomes are read.
  private func endOverdue() async throws {
    let timeout = settings.configuration.server.outcomeTimeout
    let date = time.now
    let readable = jobs()
    for job in journal.outcomes.ordered {
      if let end = schedule.unstoredEnd(of: job) {
        if end.next ?? now <= now { try await settle(job, end.outcome) }
        continue
      }
      guard job.isOverdue(timeout, now: date), !schedule.isStillRead(job, of: readable, tries) else {
        continue
      }
      try await settle(
        job,
        JobOutcome(
          .unknown, seen: date,
          reason:
            "the server's pages did not show the job's end within OutcomeTimeoutSec=\(TimeSpan.text(timeout))"
        ))
    }
  }

  /// An overdue job is read so often before it is unknown.
  private var tries: Int { isThorough ? 1 : OutcomePause.triesOfOverdue }

  /// Sleeps until something is due, or something has changed; without an open job for as long as that takes.
  private func sleep(after seen: (settings: UInt64, outcomes: UInt64)) async {
    let (settings, journal, time) = (settings, journal, time)
    let (timeout, moment, date) = (settings.configuration.server.outcomeTimeout, now, time.now)
    let readable = jobs()
    let ends = journal.outcomes.jobs.values.compactMap { job -> MonotonicInstant? in
      if let end = schedule.unstoredEnd(of: job) { return end.next }
      if job.isOverdue(timeout, now: date), schedule.isStillRead(job, of: readable, tries) { return nil }
      return moment.advanced(by: timeout - max(date.since(job.scheduled), .zero))
    }
    let next = (ends + [schedule.nextRequest(readable), lockoutEnd].compactMap(\.self)).min().map {
      max($0, moment.advanced(by: .milliseconds(100)))
    }
    await withTaskGroup { group in
      group.addTask { await settings.changes.wait(after: seen.settings) }
      group.addTask { await journal.outcomeChanges.wait(after: seen.outcomes) }
      if let next { group.addTask { try? await time.sleep(until: next) } }
      await group.next()
      group.cancelAll()
    }
  }

  // MARK: One request

  private func read(_ job: OpenOutcome) async throws {
    guard let access = settings.outcomes else { return }
    do {
      if let number = job.number {
        try await readPage(number, of: job, access)
      } else {
        try await find(with: access)
      }
    } catch let failure as JobPages.Failure {
      try Task.checkCancellation()
      guard access.identity == settings.outcomes?.identity else { return }
      try await follow(failure, job, access)
    }
  }

  /// Searches the list for all jobs without a number. It ends with the last of them.
  private func find(with access: OutcomeAccess) async throws {
    var wanted = WantedRows(eligible().filter { $0.number == nil })
    var others: Int64?
    var found: [(job: OpenOutcome, number: Int64)] = []
    let isWhole = try await access.pages.list { row in
      if let job = wanted.remove(row) {
        found.append((job, row.number))
      } else {
        others = max(others ?? row.number, row.number)
      }
      return !wanted.isEmpty
    }
    guard access.identity == settings.outcomes?.identity else { return }
    let order = journal.outcomes.ordered
    for (job, number) in found {
      // The sets of a source are scheduled one after another, so that its later ones are later jobs whatever their numbers.
      let later = Set(job.later(in: order).map(\.batch))
      let earlier = found.filter { !later.contains($0.job.batch) }
      var job = job
      (job.number, job.newest) = (number, (earlier.map(\.number) + [others].compactMap(\.self)).max())
      try await journal.record(.outcomeOpened(job))
      schedule.found(job)
    }
    guard isWhole else { return }
    for job in wanted.jobs { try await count(UnexpectedPage("the batch is not in the server's list"), job) }
  }

  private func readPage(_ number: Int64, of job: OpenOutcome, _ access: OutcomeAccess) async throws {
    let page = try await access.pages.batch(number)
    let meaning: BatchPage.Meaning
    do throws(UnexpectedPage) {
      meaning = try page.meaning(for: job.batch, job.mode, at: time.now)
    } catch {
      throw JobPages.Failure.unexpected(error)
    }
    guard access.identity == settings.outcomes?.identity else { return }
    switch meaning {
    case .ended(let outcome): try await settle(job, outcome)
    case .open(let state):
      let isSlow = isThorough || schedule.isSlow(job)
      schedule.wasOpen(job, at: now)
      guard isSlow, let later = try await laterBatch(job, access) else { return }
      let reason =
        "the job is still \(state.rawValue), and that of batch number \(later), which was scheduled later, has ended"
      try await settle(job, JobOutcome(.stuck, seen: time.now, reason: reason))
    case .otherBatch:
      try await searchAgain(
        job, UnexpectedPage("the page of batch number \(number) is that of another batch"))
    }
  }

  /// Searches the newest batches of the list, down to that of an open job, for the proof that it is stuck. A list that cannot be read
  /// proves nothing, and the page of the job is read on.
  private func laterBatch(_ job: OpenOutcome, _ access: OutcomeAccess) async throws -> Int64? {
    guard let begin = StuckProof(job, among: journal.outcomes.ordered) else { return nil }
    var proof = begin
    do throws(JobPages.Failure) {
      _ = try await access.pages.list { proof.take($0) }
    } catch {
      switch error {
      case .refused: throw error
      case .failed(let text): tellFailure(text, job)
      case .unexpected(let page): tellFailure(page.description, job)
      case .noSuchBatch: break
      }
      return nil
    }
    return access.identity == settings.outcomes?.identity ? proof.laterBatch : nil
  }

  private func tellFailure(_ text: String, _ job: OpenOutcome) {
    hasFailed = true
    log.write(
      LogEvent(.outcomeDeferred, "a jobs page could not be read").with("set", job.set)
        .with("source", job.set.source).with("reason", text))
  }

  private func follow(_ failure: JobPages.Failure, _ job: OpenOutcome, _ access: OutcomeAccess) async throws {
    // What concerns the list concerns all that are searched for.
    let concerned = job.number == nil ? eligible().filter { $0.number == nil } : [job]
    switch failure {
    case .failed(let text):
      for job in concerned { schedule.failed(job, at: now) }
      tellFailure(text, job)
    case .unexpected(let page): for job in concerned { try await count(page, job) }
    case .noSuchBatch:
      try await searchAgain(job, UnexpectedPage("the server has no batch number \(job.number ?? 0) any more"))
    case .refused where journal.server.stop?.cause == .throttled:
      lockedOutUntil = now.advanced(by: OutcomePause.lockout)
      hasFailed = true
    case .refused(let refusal): try await stop(access.key, refusal)
    }
  }

  /// The number is of no use any more: the batch is searched for again.
  private func searchAgain(_ job: OpenOutcome, _ page: UnexpectedPage) async throws {
    var job = job
    (job.number, job.newest) = (nil, nil)
    try await journal.record(.outcomeOpened(job))
    try await count(page, job)
  }

  /// Counts an answer that was not understood. Several in a row make the outcome unknown for good.
  private func count(_ page: UnexpectedPage, _ job: OpenOutcome) async throws {
    guard schedule.wasUnexpected(job, at: now) else { return }
    try await settle(job, JobOutcome(.unknown, seen: time.now, reason: page.description))
  }

  /// Stores what became of a job, and tells of it.
  private func settle(_ job: OpenOutcome, _ outcome: JobOutcome) async throws {
    if let pause = try await store(SettledOutcome(job, outcome)) {
      schedule.couldNotStore(outcome, of: job, until: now.advanced(by: pause))
    } else {
      schedule.stored(job)
    }
  }
}
