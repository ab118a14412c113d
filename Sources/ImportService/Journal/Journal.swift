public import ImportCore
public import ImportSystem

/// The memory of the program: what it says happened, and what it does not say did not. Records of many sets that
/// come at the same time share one write and one fdatasync.
///
/// Domain: an actor on a thread of its own, which may block in the kernel. State is changed before the write, but
/// whoever recorded it goes on only after the write (and the sync, where the event must be durable). When the disk
/// is full everybody waits until it has room; after any other failure nothing more is recorded and the program has
/// to end (DESIGN, durability 5 and 6).
public actor Journal {
  /// What whoever recorded something has to do next.
  private enum Turn {
    /// Write, for all who wait.
    case lead
    /// Nothing: it is written, or never will be.
    case written(JournalFailure?)
  }

  private struct Waiter {
    var mustBeDurable: Bool
    var continuation: CheckedContinuation<Turn, Never>
  }

  private let executor: ThreadExecutor
  private let directory: Directory
  private let header: JournalHeader
  private let time: any Time
  private let log: any Log
  private var file: JournalFile
  /// All that the records say, taken together.
  nonisolated let memory: JournalMemory
  private var pending: [JournalRecord] = []
  private var waiters: [Waiter] = []
  private var hasLeader = false
  private var durable: Int64
  private var failure: JournalFailure?
  private var isEnding = false
  private let endings = Latch()
  private var renewAt: Int64
  private let smallestRenewal: Int64

  /// Signalled after each record.
  nonisolated let changes = Latch()
  /// Signalled when a set has been taken, and when a source was stopped or goes on.
  nonisolated let arrivals = Latch()

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
    durable = opening.state.sequence
    self.smallestRenewal = smallestRenewal
    renewAt = max(smallestRenewal, opening.file.length * 4)
    if let copy = opening.tornCopy {
      log.write(
        LogEvent(.journalTorn, "the end of the journal was torn, as a power cut leaves it; it was cut off")
          .with("copy", copy))
    }
  }

  /// Bytes of the journal's file.
  public var length: Int64 { file.length }

  // MARK: Recording

  /// Records an event and returns the set as it is then. On return the record is written, and durable if the event
  /// must be. Throws, with nothing recorded, if the event cannot follow; and when the journal has failed.
  @discardableResult
  public func record(_ event: DeliveryEvent, for set: SetID) async throws(JournalFailure) -> Delivery {
    let changed = try add(.event(event, set: set))
    try await written(mustBeDurable: event.mustBeDurable)
    guard let changed else { preconditionFailure("an event changes a set") }
    return changed
  }

  /// Records several events of different sets with one write.
  public func record(_ events: [(SetID, DeliveryEvent)]) async throws(JournalFailure) {
    for (set, event) in events { try add(.event(event, set: set)) }
    try await written(mustBeDurable: events.contains { $0.1.mustBeDurable })
  }

  /// Records whether the server may be asked.
  public func record(_ server: ServerBreaker) async throws(JournalFailure) {
    guard server != self.server else { return }
    try add(.server(server))
    try await written(mustBeDurable: false)
  }

  /// Records whether a source runs freely. Durable on return.
  public func record(_ control: SourceControl, for source: SourceName) async throws(JournalFailure) {
    guard control != self.control(of: source) else { return }
    try add(.source(source, control))
    try await written(mustBeDurable: true)
  }

  /// Looks whether sets of a source come as they should, and records that its news was told (``SourceHistory``).
  func reviewArrivals(of source: SourceName, expecting span: Duration?) async throws(JournalFailure)
    -> ArrivalNews?
  {
    let before = history(of: source)
    var history = before
    let news = history.review(
      expecting: span, isStopped: !control(of: source).isDefault, now: time.now)
    guard history != before else { return news }
    try add(.history(source, history))
    try await written(mustBeDurable: false)
    return news
  }

  /// Makes all that was recorded durable.
  public func makeDurable() async throws(JournalFailure) {
    if durable < memory.sequence { try await written(mustBeDurable: true) }
  }

  @discardableResult
  private func add(_ entry: JournalEntry) throws(JournalFailure) -> Delivery? {
    if let failure { throw failure }
    let record = JournalRecord(sequence: memory.sequence + 1, synced: durable, time: time.now, entry: entry)
    do {
      let changed = try memory.take(record)
      pending.append(record)
      changes.signal()
      switch entry {
      case .event(.claimed, _), .source: arrivals.signal()
      default: break
      }
      return changed
    } catch {
      throw .contradiction(error)
    }
  }

  /// Waits until all that was added is written. The first to come does the writing for all who come until it
  /// begins. Who that is is decided in one piece with the waiting: on the way into an asynchronous function others of
  /// this actor may go first, and a leader who ended just then would leave somebody behind for ever.
  private func written(mustBeDurable: Bool) async throws(JournalFailure) {
    let turn: Turn = await withCheckedContinuation { continuation in
      guard hasLeader else {
        hasLeader = true
        return continuation.resume(returning: .lead)
      }
      waiters.append(Waiter(mustBeDurable: mustBeDurable, continuation: continuation))
    }
    switch turn {
    case .lead: try await lead(mustBeDurable: mustBeDurable)
    case .written(let failure): if let failure { throw failure }
    }
  }

  private func lead(mustBeDurable: Bool) async throws(JournalFailure) {
    defer { hasLeader = false }
    var isDurable = mustBeDurable
    repeat {
      await executor.letOthersGoFirst()  // whoever else is about to record joins this write
      let others = waiters
      waiters = []
      isDurable = isDurable || others.contains { $0.mustBeDurable }
      await commit(mustBeDurable: isDurable)
      for other in others { other.continuation.resume(returning: .written(failure)) }
      isDurable = false
    } while !waiters.isEmpty
    if let failure { throw failure }
  }

  // MARK: Writing

  private func commit(mustBeDurable: Bool) async {
    var isFull = false
    while failure == nil {
      do throws(SystemError) {
        try write(mustBeDurable: mustBeDurable)
        if isFull {
          log.write(LogEvent(.diskHasRoom, "the journal can be written again").with("path", directory.path))
        }
        return
      } catch {
        guard error.isNoSpace, await waitForRoom(error, isFirst: !isFull) else { return fail(error) }
        isFull = true
      }
    }
  }

  private func write(mustBeDurable: Bool) throws(SystemError) {
    if !pending.isEmpty {
      for index in pending.indices { pending[index].synced = durable }
      try file.append(pending.flatMap { JournalLine.encode($0) })
      pending = []
    }
    guard mustBeDurable, durable < memory.sequence else { return }
    do { try file.sync() } catch { return fail(error) }
    durable = memory.sequence
    renewIfGrown()
  }

  /// When the calling task is cancelled, lets nobody wait for room any longer: the program ends, and what cannot be
  /// written by then has failed.
  nonisolated func stopWaitingForRoomAtEnd() async {
    await Latch().wait(after: 0)
    await stopWaitingForRoom()
  }

  private func stopWaitingForRoom() {
    isEnding = true
    endings.signal()
  }

  /// Cuts the file back to its last good line and waits a while; false if that fails or the program is ending. The
  /// task that waits may be cancelled meanwhile, by a reload or by a person's decision: that is no failure of the
  /// disk, and what it recorded for others too is still to be written.
  private func waitForRoom(_ error: SystemError, isFirst: Bool) async -> Bool {
    if isFirst {
      log.write(
        LogEvent(.diskFull, "no room for the journal: everything waits until there is").with(
          "path", directory.path
        )
        .with("reason", error))
    }
    guard !isEnding, (try? file.cutBack()) != nil else { return false }
    let (endings, time) = (endings, time)
    await Task {
      await endings.wait(after: 0, until: time.monotonic.advanced(by: .seconds(5)), time)
    }.value
    return !isEnding
  }

  private func fail(_ error: SystemError) {
    failure = .poisoned(error)
    log.write(
      LogEvent(
        .inputOutputError,
        "the journal cannot be written any more; the program ends and has to be started again"
      ).with("reason", error))
  }

  /// Makes a file that has grown to several times its live size anew. Without room for it the old one goes on, as
  /// long as it is still the one that a restart would read.
  private func renewIfGrown() {
    guard file.length > renewAt else { return }
    let bytes = JournalSnapshot.bytes(of: memory.state, header: header, at: time.now)
    guard let again = try? JournalReading(bytes, keepsRecords: false) else {
      return renewAt = file.length * 2
    }
    do {
      file = try JournalFile.replace(in: directory, with: bytes)
    } catch {
      guard (try? file.isInPlace()) == true else { return fail(error) }
      return renewAt = file.length * 2
    }
    memory.replace(with: again.state)
    durable = again.state.sequence
    renewAt = renewalLength
  }

  private var renewalLength: Int64 { max(smallestRenewal, file.length * 4) }
}
