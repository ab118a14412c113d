public import ImportCore
public import ImportRuntime
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
/// The records' content is in ``JournalMemory``, behind a mutex, and can be read from anywhere; ``JournalWriter`` has the file.
public final class Journal: Sendable {
  let time: any Time
  /// All that the records say, taken together, and what of it is not written yet.
  let memory: JournalMemory
  private let writer: JournalWriter

  /// Signalled after each record, and when a set has left its place.
  public let changes = Latch()
  /// Signalled when a set has been taken, and when a source was stopped or goes on.
  public let arrivals = Latch()
  /// Signalled when a job is opened or settled, and when it changes whether outcomes are read, or whether the server may be
  /// asked.
  public let outcomeChanges = Latch()
  /// The latest time that the journal or the archive named when it was opened; nil if neither named any.
  public let latestBefore: Timestamp?

  /// Reads the journal in `directory` and takes it for writing; where there is none, makes one. The caller holds the
  /// directory's lock. A torn end is kept aside and logged, and so is each set that is held because the journal does not
  /// prove that it was not scheduled (``JournalOpening``). The file is made anew when it has grown, but not below
  /// `smallestRenewal` bytes. Only tests of the file alone give no `spool`.
  public init(
    in directory: Directory, with spool: Spool? = nil, time: any Time, log: any Log,
    smallestRenewal: Int64 = 4 << 20
  ) throws(JournalFailure) {
    let opening = try JournalOpening.open(in: directory, with: spool, at: time.now)
    let (state, tornCopy, held) = (opening.state, opening.tornCopy, opening.held)
    self.time = time
    memory = JournalMemory(state)
    latestBefore = opening.latest
    do {
      writer = try JournalWriter(
        opening, in: directory, memory: memory, time: time, log: log, smallestRenewal: smallestRenewal)
    } catch {
      throw .unavailable(error)
    }
    if let tornCopy {
      log.write(
        LogEvent(.journalTorn, "truncated an incomplete last journal record, as a power cut leaves it")
          .with("copy", tornCopy))
    }
    if let outdated = state.outdated {
      log.write(
        LogEvent(.journalOutdated, "nothing is accepted or scheduled: \(outdated.text)").with(
          "remedy", OutdatedJournal.remedy))
    }
    guard let spool else { return }
    for delivery in held.compactMap({ state.deliveries[$0] }) {
      guard let reason = delivery.reason else { continue }
      if let entry = LogEvent(.held(reason: reason), delivery, spool: spool) { log.write(entry) }
    }
  }

  /// Records an event and returns the set as it is then. On return it counts, and it is durable if the event must be.
  /// Throws, with nothing recorded, if the event cannot follow; and when the journal has failed.
  @discardableResult
  public func record(_ event: DeliveryEvent, for set: SetID)
    async throws(JournalFailure)
    -> Delivery
  { try await record([(set, event)]) }

  /// Records several events, of one set or more, with one write, and one sync if one of them must be durable: nothing is
  /// recorded between them. Returns the set of the last of them as it is then. Throws at the first that cannot follow, with
  /// that and what comes after it not recorded, which is a mistake of ours and nothing to go on from. `events` are not empty.
  @discardableResult
  public func record(_ events: [(SetID, DeliveryEvent)]) async throws(JournalFailure)
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
  public func recordFollowingJob(_ event: DeliveryEvent, for set: SetID)
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
  public func record(_ entries: [JournalEntry]) async throws(JournalFailure) {
    try await add(entries)
    wakeWriter()
  }

  /// Records an entry. It need not be durable.
  public func record(_ entry: JournalEntry) async throws(JournalFailure) {
    try await record([entry])
  }

  /// Records whether the server may be asked.
  public func record(_ server: ServerBreaker) async throws(JournalFailure) {
    guard server != self.server else { return }
    try await add([.server(server)])
    wakeWriter()
  }

  /// Records whether a source runs freely. Durable on return.
  public func record(_ control: SourceControl, for source: SourceName)
    async throws(JournalFailure)
  {
    guard control != self.control(of: source) else { return }
    try await makeDurable(upTo: add([.source(source, control)]).last)
  }

  /// Records that a person takes what an outdated journal does not know as scheduled for unscheduled. Durable on return.
  public func recordReconciliation(by person: String) async throws(JournalFailure) {
    try await makeDurable(upTo: add([.reconciled(by: person)]).last)
  }

  /// Records what the clocks showed. It need not be durable.
  public func record(_ clock: ClockWatch) async throws(JournalFailure) {
    try await add([.clock(clock)])
    wakeWriter()
  }

  /// Looks whether sets of a source come as they should, and records that its news was told (``SourceHistory``).
  public func reviewArrivals(of source: SourceName, expecting span: Duration?)
    async throws(JournalFailure) -> ArrivalNews?
  {
    while true {
      let before = history(of: source)
      var history = before
      let news = history.review(expecting: span, isStopped: isStopped(source), now: time.now)
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
  public func makeDurable() async throws(JournalFailure) {
    try await makeDurable(upTo: memory.last)
  }

  private func makeDurable(upTo last: Int64) async throws(JournalFailure) {
    memory.wantDurable(last)
    wakeWriter()
    let failure = await withCheckedContinuation { continuation in
      memory.tell(of: last) { continuation.resume(returning: $0) }
    }
    if let failure { throw failure }
  }

  /// Throws as soon as the journal has failed; returns when the task is cancelled.
  public func failing() async throws(JournalFailure) {
    while !Task.isCancelled {
      let seen = memory.failures.version
      if let failure = memory.failure { throw failure }
      await memory.failures.wait(after: seen)
    }
  }

  /// Records something, which is still to be written.
  @discardableResult
  private func add(_ entries: [JournalEntry])
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

  private func tell(of entry: JournalEntry) {
    changes.signal()
    switch entry {
    case .event(.claimed, _), .source, .reconciled: arrivals.signal()
    case .outcomeOpened, .outcomeSettled, .outcomeReading, .server: outcomeChanges.signal()
    default: break
    }
  }

  /// Has everything written that was recorded, if nobody is at it. Begins on the calling thread, so that only the journal's
  /// is woken.
  func wakeWriter() {
    guard memory.needsWriter() else { return }
    Task.immediate { [writer] in await writer.writeOut() }
  }
}

// MARK: The file

extension Journal {
  /// Bytes of the journal's file.
  public var length: Int64 { get async { await writer.length } }

  /// Makes all that was recorded durable, and returns when nobody writes any more: the directory's lock may be given up then.
  public func close() async throws(JournalFailure) {
    try await makeDurable()
    await writer.left()
  }

  /// Looks whether the file that is written is still the one that a restart would read, and fails the journal if not.
  public func checkPlace() async { await writer.checkPlace() }

  /// When the calling task is cancelled, lets nobody wait for room any longer: the program ends, and what cannot be
  /// written by then has failed.
  public func stopWaitingForRoomAtEnd() async {
    await Latch().wait(after: 0)
    await writer.stopWaitingForRoom()
  }
}
