public import ImportRuntime
public import ImportCore
public import ImportSystem

/// The memory of the program: what it says happened, and what it does not say did not. Records that come at the same time
/// share one write and one fdatasync.
///
/// What is recorded counts at once, and the journal's own thread writes it in the order of recording. Who recorded
/// something goes on without waiting for that, unless it must be durable: a record that need not be can be lost by a
/// power cut in any case, together with all that came after it (docs/decisions/0012-records-not-waited-for.md). When the disk
/// is full everybody waits until it has room; after any other failure nothing more is recorded and the program has to
/// end (``failing()``).
///
/// Domain: what was recorded is in ``JournalMemory``, behind a mutex; the file belongs to the actor, whose thread may block
/// in the kernel.
public actor Journal {
  private let executor: ThreadExecutor
  let directory: Directory
  let header: JournalHeader
  let time: any Time
  let log: any Log
  var file: JournalFile
  /// All that the records say, taken together, and what of it is not written yet.
  nonisolated let memory: JournalMemory
  var isEnding = false
  let endings = Latch()
  var renewAt: Int64
  let smallestRenewal: Int64

  /// Signalled after each record, and when a set has left its place.
  public nonisolated let changes = Latch()
  /// Signalled when a set has been taken, and when a source was stopped or goes on.
  public nonisolated let arrivals = Latch()
  /// Signalled when a job is opened or settled, and when it changes whether outcomes are read, or whether the server may be
  /// asked.
  public nonisolated let outcomeChanges = Latch()
  /// Signalled when the journal has failed.
  nonisolated let failures = Latch()

  /// The latest time that the journal or the archive named when it was opened; nil if neither named any.
  public nonisolated let latestBefore: Timestamp?

  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Reads the journal in `directory` and takes it for writing; where there is none, makes one. The caller holds the
  /// directory's lock. A torn end is kept aside and logged, and so is each set that is held because the journal does not
  /// prove that it was not scheduled (``JournalOpening``). The file is made anew when it has grown, but not below
  /// `smallestRenewal` bytes. Only tests of the file alone give no `spool`.
  public init(
    in directory: Directory, with spool: Spool? = nil, time: any Time, log: any Log,
    smallestRenewal: Int64 = 4 << 20
  ) throws(JournalFailure) {
    let opening = try JournalOpening.open(in: directory, with: spool, at: time.now)
    do { executor = try ThreadExecutor(name: "haplo-journal") } catch { throw .unavailable(error) }
    self.directory = directory
    self.time = time
    self.log = log
    header = opening.header
    file = opening.file
    memory = JournalMemory(opening.state)
    latestBefore = opening.latest
    self.smallestRenewal = smallestRenewal
    renewAt = max(smallestRenewal, opening.file.length * 4)
    if let copy = opening.tornCopy {
      log.write(
        LogEvent(.journalTorn, "the end of the journal was torn, as a power cut leaves it; it was cut off")
          .with("copy", copy))
    }
    if let outdated = opening.state.outdated {
      log.write(
        LogEvent(.journalOutdated, "nothing is accepted or scheduled: \(outdated.text)").with(
          "remedy", OutdatedJournal.remedy))
    }
    guard let spool else { return }
    for delivery in opening.held.compactMap({ opening.state.deliveries[$0] }) {
      guard let reason = delivery.reason else { continue }
      if let entry = LogEvent(.held(reason: reason), delivery, spool: spool) { log.write(entry) }
    }
  }

  /// Records an event and returns the set as it is then. On return it counts, and it is durable if the event must be.
  /// Throws, with nothing recorded, if the event cannot follow; and when the journal has failed.
  @discardableResult
  public nonisolated(nonsending) func record(_ event: DeliveryEvent, for set: SetID)
    async throws(JournalFailure)
    -> Delivery
  {
    try await record([(set, event)])
  }

  /// Records several events, of one set or more, with one write, and one sync if one of them must be durable: nothing is
  /// recorded between them. Returns the set of the last of them as it is then. Throws at the first that cannot follow, with
  /// that and what comes after it not recorded, which is a mistake of ours and nothing to go on from. `events` are not empty.
  @discardableResult
  public nonisolated(nonsending) func record(_ events: [(SetID, DeliveryEvent)]) async throws(JournalFailure)
    -> Delivery
  {
    defer { wakeWriter() }
    let (changed, last) = try await add(events.map { .event($0.1, set: $0.0) })
    if events.contains(where: { $0.1.mustBeDurable }) { try await makeDurable(upTo: last) }
    guard let changed else { preconditionFailure("an event changes a set") }
    return changed
  }

  /// Records an event, and with the same write that the set's job is to be followed, if the event is that its batch is
  /// scheduled. Returns and throws as ``record(_:for:)`` does.
  public nonisolated(nonsending) func recordFollowingJob(_ event: DeliveryEvent, for set: SetID)
    async throws(JournalFailure) -> Delivery
  {
    guard case .scheduled = event, let before = delivery(set),
      let job = OpenOutcome(before, scheduled: time.now)
    else { return try await record(event, for: set) }
    defer { wakeWriter() }
    let (changed, last) = try await add([.event(event, set: set), .outcomeOpened(job)])
    try await makeDurable(upTo: last)
    guard let changed else { preconditionFailure("an event changes a set") }
    return changed
  }

  /// Records entries with one write: nothing is recorded between them. It need not be durable.
  public nonisolated(nonsending) func record(_ entries: [JournalEntry]) async throws(JournalFailure) {
    try await add(entries)
    wakeWriter()
  }

  /// Records an entry. It need not be durable.
  public nonisolated(nonsending) func record(_ entry: JournalEntry) async throws(JournalFailure) {
    try await record([entry])
  }

  /// Records whether the server may be asked.
  public nonisolated(nonsending) func record(_ server: ServerBreaker) async throws(JournalFailure) {
    guard server != self.server else { return }
    try await add([.server(server)])
    wakeWriter()
  }

  /// Records whether a source runs freely. Durable on return.
  public nonisolated(nonsending) func record(_ control: SourceControl, for source: SourceName)
    async throws(JournalFailure)
  {
    guard control != self.control(of: source) else { return }
    try await makeDurable(upTo: add([.source(source, control)]).last)
  }

  /// Records that a person takes what an outdated journal does not know as scheduled for unscheduled. Durable on return.
  public nonisolated(nonsending) func recordReconciliation(by person: String) async throws(JournalFailure) {
    try await makeDurable(upTo: add([.reconciled(by: person)]).last)
  }

  /// Records what the clocks showed. It need not be durable.
  public nonisolated(nonsending) func record(_ clock: ClockWatch) async throws(JournalFailure) {
    try await add([.clock(clock)])
    wakeWriter()
  }

  /// Looks whether sets of a source come as they should, and records that its news was told (``SourceHistory``).
  public nonisolated(nonsending) func reviewArrivals(of source: SourceName, expecting span: Duration?)
    async throws(JournalFailure) -> ArrivalNews?
  {
    while true {
      let before = history(of: source)
      var history = before
      let news = history.review(
        expecting: span, isStopped: isStopped(source), now: time.now)
      guard history != before else { return news }
      // A set that came meanwhile has changed the history: then it is looked at again.
      let isCurrent = { (state: borrowing JournalState) in
        state.histories[source, default: SourceHistory()] == before
      }
      switch try memory.add([.history(source, history.withoutSets)], if: isCurrent, time) {
      case .held: await memory.waitForRelease()
      case .outdated: continue
      case .added:
        tell(of: .history(source, history))
        wakeWriter()
        return news
      }
    }
  }

  /// Makes all that was recorded durable.
  public nonisolated(nonsending) func makeDurable() async throws(JournalFailure) {
    try await makeDurable(upTo: memory.last)
  }

  private nonisolated(nonsending) func makeDurable(upTo last: Int64) async throws(JournalFailure) {
    memory.wantDurable(last)
    wakeWriter()
    let failure = await withCheckedContinuation { continuation in
      memory.tell(of: last) { continuation.resume(returning: $0) }
    }
    if let failure { throw failure }
  }

  /// Throws as soon as the journal has failed; returns when the task is cancelled.
  public nonisolated func failing() async throws(JournalFailure) {
    while !Task.isCancelled {
      let seen = failures.version
      if let failure = memory.failure { throw failure }
      await failures.wait(after: seen)
    }
  }

  /// Records something, which is still to be written.
  @discardableResult
  private nonisolated(nonsending) func add(_ entries: [JournalEntry])
    async throws(JournalFailure) -> (Delivery?, last: Int64)
  {
    while true {
      guard case .added(let changed, let last) = try memory.add(entries, time) else {
        await memory.waitForRelease()
        continue
      }
      for entry in entries { tell(of: entry) }
      return (changed, last)
    }
  }

  private nonisolated func tell(of entry: JournalEntry) {
    changes.signal()
    switch entry {
    case .event(.claimed, _), .source, .reconciled: arrivals.signal()
    case .outcomeOpened, .outcomeSettled, .outcomeReading, .server: outcomeChanges.signal()
    default: break
    }
  }

  /// Has everything written that was recorded, if nobody is at it. Begins on the calling thread, so that only the journal's
  /// is woken.
  nonisolated func wakeWriter() {
    guard memory.needsWriter() else { return }
    Task.immediate { await self.writeOut() }
  }
}
