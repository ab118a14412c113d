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
  nonisolated let changes = Latch()
  /// Signalled when a set has been taken, and when a source was stopped or goes on.
  nonisolated let arrivals = Latch()
  /// Signalled when the journal has failed.
  nonisolated let failures = Latch()

  /// True if there was no journal before.
  public nonisolated let isNew: Bool

  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Reads the journal in `directory` and takes it for writing. A torn end is kept aside and logged. The caller holds
  /// the directory's lock. Where there is no journal, one is made that holds every set in `strangers` for a person,
  /// for nothing proves whether they were scheduled; it comes into being whole or not at all. The file is made anew
  /// when it has grown, but not below `smallestRenewal` bytes.
  public init(
    in directory: Directory, time: any Time, log: any Log, smallestRenewal: Int64 = 4 << 20,
    strangers: () throws(SystemError) -> [(set: SetID, claim: Claim)] = { [] }
  ) throws(JournalFailure) {
    let opening = try JournalOpening.open(in: directory, at: time.now, strangers)
    do { executor = try ThreadExecutor(name: "haplo-journal") } catch { throw .unavailable(error) }
    self.directory = directory
    self.time = time
    self.log = log
    header = opening.header
    file = opening.file
    memory = JournalMemory(opening.state)
    isNew = opening.isNew
    self.smallestRenewal = smallestRenewal
    renewAt = max(smallestRenewal, opening.file.length * 4)
    if let copy = opening.tornCopy {
      log.write(
        LogEvent(.journalTorn, "the end of the journal was torn, as a power cut leaves it; it was cut off")
          .with("copy", copy))
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

  /// Looks whether sets of a source come as they should, and records that its news was told (``SourceHistory``).
  nonisolated(nonsending) func reviewArrivals(of source: SourceName, expecting span: Duration?)
    async throws(JournalFailure) -> ArrivalNews?
  {
    while true {
      let before = history(of: source)
      var history = before
      let news = history.review(
        expecting: span, isStopped: !control(of: source).isDefault, now: time.now)
      guard history != before else { return news }
      // A set that came meanwhile has changed the history: then it is looked at again.
      let isCurrent = { (state: borrowing JournalState) in
        state.histories[source, default: SourceHistory()] == before
      }
      switch try memory.add([.history(source, history)], if: isCurrent, time) {
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
  nonisolated func failing() async throws(JournalFailure) {
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
    case .event(.claimed, _), .source: arrivals.signal()
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
