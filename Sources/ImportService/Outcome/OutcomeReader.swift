import ImportStorage
import ImportRuntime
import HaploAPI
import ImportCore
import ImportSystem

/// Reads from the server's jobs pages what became of each scheduled set, one request at a time. It informs; nothing depends
/// on it but `Mode=import-if-clean`. Without an outcome key, or while no job is open, it sends nothing.
///
/// A job's number in the server's database is found in the list of batches once, and its own page is read from then on. Jobs
/// run one at a time in the order of scheduling, so that while one is known to be pending those behind it need no request.
///
/// Domain: an actor; one call of ``run()`` or ``readOnce()`` at a time.
actor OutcomeReader {
  /// What this process knows of an open job. After a restart it is learned again.
  private struct Notes {
    var requests = 0
    var next: MonotonicInstant?
    /// Answers in a row that were not understood.
    var unexpected = 0
    /// True if the job was scheduled or running when it was last read.
    var isPending = false
    /// The number of a batch that has ended although it was scheduled later, for the sets of a source are scheduled one after
    /// another.
    var laterEnded: Int64?
    /// The end of a job that could not be stored yet, which is tried again at `next`.
    var outcome: JobOutcome?
  }

  let context: CourierContext
  let register: SourceRegister
  private var notes: [BatchID: Notes] = [:]
  /// The highest number of a batch that was seen finished since the list was last searched for jobs.
  private var finished: Int64?
  /// Until when the server locks this address out, as far as a refused page tells.
  private var lockedOutUntil: MonotonicInstant?
  /// True if each job is read once only: then all that can be known is looked for at once.
  private var isThorough = false
  /// True if the last request got no answer that counts.
  private var hasFailed = false
  /// The server and key that the notes are about.
  private var access: String?

  init(context: CourierContext, register: SourceRegister) {
    self.context = context
    self.register = register
  }

  var journal: Journal { context.journal }
  private var now: MonotonicInstant { context.time.monotonic }

  /// Reads until the task is cancelled. Throws when the journal has failed.
  func run() async throws {
    while true {
      try Task.checkCancellation()
      let (settings, outcomes) = (context.settings.changes.version, journal.outcomeChanges.version)
      forgetClosed()
      try await endOverdue()
      try await importClean()
      if let job = due() {
        try await read(job)
      } else {
        await sleep(settings: settings, outcomes: outcomes)
      }
    }
  }

  /// Reads each job once that can have ended, for a program that does not stay.
  func readOnce() async throws {
    try await liftOldStop()
    try await endOverdue()
    isThorough = true
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
    try await importClean()
  }

  // MARK: Which job

  /// The jobs that may be asked about, in the order of scheduling: none behind one that is known to be pending.
  private func eligible() -> [OpenOutcome] {
    guard let access = context.settings.outcomes, !journal.outcomes.reading.stops(access.key),
      lockoutEnd == nil
    else { return [] }
    if self.access != access.identity { (self.access, notes, finished) = (access.identity, [:], nil) }
    let jobs = journal.outcomes.ordered.filter {
      $0.server == access.url && notes[$0.batch]?.outcome == nil
    }
    let pending = jobs.firstIndex { notes[$0.batch]?.isPending == true }
    return Array(pending.map { jobs[...$0] } ?? jobs[...])
  }

  /// When the server can be asked again that locks this address out, good keys included; nil if it does not, or did so longer
  /// ago. Where no set waits, nobody else finds out that a lockout is over.
  private var lockoutEnd: MonotonicInstant? {
    guard let stop = journal.server.stop, stop.cause == .throttled else { return nil }
    let rest = min(stop.next.since(context.time.now), OutcomePause.lockout)
    let end = max(now.advanced(by: rest), lockedOutUntil ?? now)
    return end > now ? end : nil
  }

  private func due() -> OpenOutcome? {
    eligible().filter { notes[$0.batch]?.next ?? now <= now }
      .min { (notes[$0.batch]?.next ?? now) < (notes[$1.batch]?.next ?? now) }
  }

  private func forgetClosed() {
    let open = journal.outcomes.jobs
    if notes.count > open.count { notes = notes.filter { open[$0.key] != nil } }
  }

  /// Stores the ends that could not be stored before. Jobs that had `OutcomeTimeoutSec=` to end are unknown for good. Both
  /// whether or not outcomes are read.
  private func endOverdue() async throws {
    let timeout = context.settings.configuration.server.outcomeTimeout
    let time = context.time.now
    for job in journal.outcomes.ordered {
      if let note = notes[job.batch], let outcome = note.outcome {
        if note.next ?? now <= now { try await settle(job, outcome) }
        continue
      }
      guard job.isOverdue(timeout, now: time) else { continue }
      try await settle(
        job,
        JobOutcome(
          .unknown, seen: time,
          reason:
            "the server's pages did not show the job's end within OutcomeTimeoutSec=\(TimeSpan.text(timeout))"
        ))
    }
  }

  /// Sleeps until something is due, or something has changed; without an open job for as long as that takes.
  private func sleep(settings: UInt64, outcomes: UInt64) async {
    let (context, timeout) = (context, context.settings.configuration.server.outcomeTimeout)
    let (moment, time) = (now, context.time.now)
    let reads = eligible().compactMap { notes[$0.batch]?.next }
    let ends = journal.outcomes.jobs.values.compactMap { job in
      if let note = notes[job.batch], note.outcome != nil { return note.next }
      return moment.advanced(by: timeout - max(time.since(job.scheduled), .zero))
    }
    let next = (reads + ends + [lockoutEnd].compactMap(\.self)).min().map {
      max($0, moment.advanced(by: .milliseconds(100)))
    }
    await withTaskGroup { group in
      group.addTask { await context.settings.changes.wait(after: settings) }
      group.addTask { await context.journal.outcomeChanges.wait(after: outcomes) }
      if let next { group.addTask { try? await context.time.sleep(until: next) } }
      await group.next()
      group.cancelAll()
    }
  }

  // MARK: One request

  private func read(_ job: OpenOutcome) async throws {
    guard let access = context.settings.outcomes else { return }
    do {
      if job.number == nil {
        try await find(with: access)
      } else {
        if isThorough || wait(after: job.batch) >= OutcomePause.slow {
          try await lookForFinished(job, access)
        }
        try await readPage(job, access)
      }
    } catch let failure as JobPages.Failure {
      try Task.checkCancellation()
      guard access.identity == context.settings.outcomes?.identity else { return }
      try await follow(failure, job, access)
    }
  }

  private func wait(after batch: BatchID) -> Duration { OutcomePause.after(notes[batch]?.requests ?? 0) }

  private func later(_ batch: BatchID, isPending: Bool = false, unexpected: Int = 0) {
    var note = notes[batch] ?? Notes()
    note.requests += 1
    (note.isPending, note.unexpected) = (isPending, unexpected)
    note.next = now.advanced(by: OutcomePause.after(note.requests))
    notes[batch] = note
  }

  /// Searches the list for all jobs without a number. It ends with the last of them.
  private func find(with access: OutcomeAccess) async throws {
    var wanted = WantedRows(eligible().filter { $0.number == nil })
    var others: Int64?
    // Only what the list shows now: numbers begin again at a lower one when the server is restored from a backup.
    var finished: Int64?
    var found: [(job: OpenOutcome, number: Int64, hasEnded: Bool)] = []
    let isWhole = try await access.pages.list { row in
      if row.state.isFinished { finished = max(finished ?? row.number, row.number) }
      if let job = wanted.remove(row) {
        found.append((job, row.number, row.state.isFinished))
      } else {
        others = max(others ?? row.number, row.number)
      }
      return !wanted.isEmpty
    }
    guard access.identity == context.settings.outcomes?.identity else { return }
    for (job, number, _) in found {
      // The sets of a source are scheduled one after another, so that its later ones are later jobs for certain.
      let later = found.filter { $0.job.set.source == job.set.source && $0.job.scheduled > job.scheduled }
      let laterNumbers = Set(later.map(\.number))
      let earlier = found.map(\.number).filter { !laterNumbers.contains($0) }
      var job = job
      (job.number, job.newest) = (number, (earlier + [others].compactMap(\.self)).max())
      try await journal.record(.outcomeOpened(job))
      // Answers that were not understood still count: the page may be that of another batch again.
      var note = notes[job.batch] ?? Notes()
      (note.next, note.laterEnded) = (nil, later.first { $0.hasEnded }?.number)
      notes[job.batch] = note
    }
    self.finished = finished
    guard isWhole else { return }
    for job in wanted.jobs { try await count(UnexpectedPage("the batch is not in the server's list"), job) }
  }

  /// Looks at the newest batches of the list, as far as those that were created after the job was scheduled, for one that has
  /// ended.
  private func lookForFinished(_ job: OpenOutcome, _ access: OutcomeAccess) async throws {
    guard let newest = job.newest, finished.map({ $0 <= newest }) ?? true else { return }
    var finished = self.finished
    _ = try await access.pages.list { row in
      guard row.number > newest else { return false }
      if row.state.isFinished { finished = max(finished ?? row.number, row.number) }
      return finished.map { $0 <= newest } ?? true
    }
    self.finished = finished
  }

  private func readPage(_ job: OpenOutcome, _ access: OutcomeAccess) async throws {
    guard let number = job.number else { return }
    let finishedBefore = finished
    let page = try await access.pages.batch(number)
    let meaning: BatchPage.Meaning
    do throws(UnexpectedPage) {
      meaning = try page.meaning(for: job.batch, job.mode, at: context.time.now)
    } catch {
      throw JobPages.Failure.unexpected(error)
    }
    guard access.identity == context.settings.outcomes?.identity else { return }
    switch meaning {
    case .ended(let outcome):
      finished = max(finished ?? number, number)
      try await settle(job, outcome)
    case .open(let state):
      let proof =
        notes[job.batch]?.laterEnded ?? (job.isStuck(finished: finishedBefore) ? finishedBefore : nil)
      if let proof {
        let reason =
          "the job is still \(state.rawValue), and that of batch number \(proof), which was scheduled later, has ended"
        try await settle(job, JobOutcome(.stuck, seen: context.time.now, reason: reason))
      } else {
        later(job.batch, isPending: true)
      }
    case .otherBatch:
      try await searchAgain(
        job, UnexpectedPage("the page of batch number \(number) is that of another batch"))
    }
  }

  private func follow(_ failure: JobPages.Failure, _ job: OpenOutcome, _ access: OutcomeAccess) async throws {
    // What concerns the list concerns all that are searched for.
    let concerned = job.number == nil ? eligible().filter { $0.number == nil } : [job]
    switch failure {
    case .failed(let text):
      hasFailed = true
      for job in concerned { later(job.batch, unexpected: notes[job.batch]?.unexpected ?? 0) }
      context.log.write(
        LogEvent(.outcomeDeferred, "a jobs page could not be read").with("set", job.set)
          .with("source", job.set.source).with("reason", text))
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
    finished = nil
    try await journal.record(.outcomeOpened(job))
    try await count(page, job)
  }

  /// Counts an answer that was not understood. Several in a row make the outcome unknown for good.
  private func count(_ page: UnexpectedPage, _ job: OpenOutcome) async throws {
    let count = (notes[job.batch]?.unexpected ?? 0) + 1
    later(job.batch, unexpected: count)
    guard count >= OutcomePause.unexpectedBeforeUnknown else { return }
    try await settle(job, JobOutcome(.unknown, seen: context.time.now, reason: page.description))
  }

  /// Stores what became of a job, and tells of it.
  private func settle(_ job: OpenOutcome, _ outcome: JobOutcome) async throws {
    guard let pause = try await store(SettledOutcome(job, outcome)) else { return notes[job.batch] = nil }
    var note = notes[job.batch] ?? Notes()
    (note.outcome, note.next, note.isPending) = (outcome, now.advanced(by: pause), false)
    notes[job.batch] = note
  }
}

/// Jobs that are searched for in the list, by the beginnings of their batches.
private struct WantedRows {
  private static let opening = 8
  private var byOpening: [String: [OpenOutcome]] = [:]

  init(_ jobs: [OpenOutcome]) {
    byOpening = Dictionary(grouping: jobs) { String($0.batch.text.prefix(Self.opening)) }
  }

  var isEmpty: Bool { byOpening.isEmpty }

  /// The rest, in the order of scheduling.
  var jobs: [OpenOutcome] { byOpening.values.flatMap(\.self).sorted { $0.scheduled < $1.scheduled } }

  /// Removes and returns the job of a row.
  mutating func remove(_ row: BatchListRow) -> OpenOutcome? {
    let opening = String(row.opening.prefix(Self.opening))
    guard var jobs = byOpening[opening], let index = jobs.firstIndex(where: { row.isOf($0.set, $0.batch) })
    else {
      return nil
    }
    defer { byOpening[opening] = jobs.isEmpty ? nil : jobs }
    return jobs.remove(at: index)
  }
}
