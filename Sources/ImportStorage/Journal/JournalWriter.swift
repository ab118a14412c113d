import ImportCore
import ImportRuntime
import ImportSystem

/// Writes the journal's file in the order of recording, makes it durable where somebody waits for that, and makes it anew when it has
/// grown.
///
/// Domain: an actor on a thread of its own, which may block in the kernel.
actor JournalWriter {
  private let executor: ThreadExecutor
  private let directory: Directory
  private let header: JournalHeader
  private let memory: JournalMemory
  private let time: any Time
  private let log: any Log
  private var file: JournalFile
  private var isEnding = false
  private let endings = Latch()
  private var renewAt: Int64
  private let smallestRenewal: Int64

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Takes the file that was opened. It is made anew when it has grown to four times its size, but not below `smallestRenewal` bytes.
  init(
    _ opening: sending JournalOpening, in directory: Directory, memory: JournalMemory, time: any Time,
    log: any Log, smallestRenewal: Int64
  ) throws(SystemError) {
    executor = try ThreadExecutor(name: "haplo-journal")
    renewAt = max(smallestRenewal, opening.file.length * 4)
    self.directory = directory
    header = opening.header
    self.memory = memory
    self.time = time
    self.log = log
    file = opening.file
    self.smallestRenewal = smallestRenewal
  }

  /// Bytes of the file.
  var length: Int64 { file.length }

  /// Writes until nothing is left to write: the only place that does. One call is under way at a time
  /// (``JournalMemory/needsWriter()``).
  func writeOut() async {
    while let batch = memory.takeWork(orLeave: true) {
      guard await write(batch) else { return }
      await renewIfGrown()
    }
  }

  /// Returns on the writer's thread, which is after whoever wrote has left it, with the file made anew if that was due.
  func left() {}

  /// Writes records with one call and makes them durable if somebody wants that; false if the journal has failed.
  private func write(_ batch: JournalBatch) async -> Bool {
    guard await append(batch.lines) else { return false }
    guard batch.mustBeDurable else { return true }
    do {
      try file.sync()
      guard try file.isInPlace() else { return failAsReplaced() }
    } catch {
      return fail(error)
    }
    memory.becameDurable(batch.last)
    return true
  }

  /// Looks whether the file that is written is still the one that a restart would read, and fails the journal if not.
  func checkPlace() {
    guard memory.failure == nil, (try? file.isInPlace()) == false else { return }
    _ = failAsReplaced()
  }

  private func failAsReplaced() -> Bool {
    let failure = JournalFailure.replaced(path: directory.path(of: JournalFile.name))
    log.write(LogEvent(.journalDamaged, failure.description))
    memory.fail(failure)
    return false
  }

  private func append(_ lines: [UInt8]) async -> Bool {
    do throws(SystemError) {
      try file.append(lines)
      return true
    } catch {
      return error.isNoSpace ? await append(lines, onceThereIsRoomAfter: error) : fail(error)
    }
  }

  /// Everybody waits meanwhile. The file is cut back to its last good line before each try.
  private func append(_ lines: [UInt8], onceThereIsRoomAfter first: SystemError) async -> Bool {
    log.write(
      LogEvent(.diskFull, "disk full: the journal cannot be written, so all work waits")
        .with("path", directory.path)
        .with("reason", first))
    memory.hold()
    defer { memory.release() }
    var last = first
    while await waitForRoom() {
      do throws(SystemError) {
        try file.append(lines)
        log.write(LogEvent(.diskHasRoom, "the journal can be written again").with("path", directory.path))
        return true
      } catch {
        guard error.isNoSpace else { return fail(error) }
        last = error
      }
    }
    return fail(last)
  }

  /// False if the file cannot be cut back or the program is ending.
  private func waitForRoom() async -> Bool {
    guard !isEnding, (try? file.cutBack()) != nil else { return false }
    await endings.wait(after: 0, until: time.monotonic.advanced(by: .seconds(5)), time)
    return !isEnding
  }

  /// Lets nobody wait for room any longer: what cannot be written by now has failed.
  func stopWaitingForRoom() {
    isEnding = true
    endings.signal()
  }

  private func fail(_ error: SystemError) -> Bool {
    log.write(
      LogEvent(
        .inputOutputError,
        "the journal cannot be written any more; the program ends and has to be started again"
      ).with("reason", error))
    memory.fail(.poisoned(error))
    return false
  }

  // MARK: Renewal

  /// Makes a file that has grown to several times its live size anew; whoever has something to record waits meanwhile.
  private func renewIfGrown() async {
    guard file.length > renewAt else { return }
    memory.hold()
    defer { memory.release() }
    while let rest = memory.takeWork(orLeave: false) { guard await write(rest) else { return } }
    renew()
  }

  /// Without room for the new file the old one goes on, as long as it is still the one that a restart would read.
  private func renew() {
    let bytes = JournalSnapshot.bytes(of: memory.state, header: header, at: time.now)
    guard let again = try? JournalReading(bytes, keepsRecords: false) else {
      return renewAt = file.length * 2
    }
    do {
      file = try JournalFile.replace(in: directory, with: bytes)
    } catch {
      guard (try? file.isInPlace()) == true else {
        _ = fail(error)
        return
      }
      return renewAt = file.length * 2
    }
    memory.replace(with: again.state)
    renewAt = max(smallestRenewal, file.length * 4)
  }
}

/// A journal that says the same as another in as few lines as possible.
enum JournalSnapshot {
  /// The header, one record for each set that is not archived, and after them records of these entries. Sequence numbers go
  /// on after the old ones, so that none is ever used for two different things.
  static func bytes(
    of state: JournalState, header: JournalHeader, at now: Timestamp, adding entries: [JournalEntry] = []
  ) -> [UInt8] {
    var next = header
    next.format = JournalHeader.currentFormat
    (next.base, next.created) = (state.sequence, now)
    var bytes = JournalLine.encode(next)
    for (offset, entry) in (state.snapshot + entries).enumerated() {
      JournalLine.append(record(entry, state.sequence + Int64(offset) + 1, state, now), to: &bytes)
    }
    return bytes
  }

  /// About how long that would be, from a few of the sets: writing all of them takes as long as reading them did.
  static func estimatedLength(of state: JournalState, header: JournalHeader, at now: Timestamp) -> Int {
    let (general, sets) = state.sample(sampled)
    func length(_ entries: [JournalEntry]) -> Int {
      entries.reduce(0) { $0 + JournalLine.encode(record($1, state.sequence + 1, state, now)).count }
    }
    let ofSets = sets.isEmpty ? 0 : length(sets) * state.deliveries.count / sets.count
    return JournalLine.encode(header).count + length(general) + ofSets
  }

  private static let sampled = 30

  private static func record(
    _ entry: JournalEntry, _ sequence: Int64, _ state: JournalState, _ now: Timestamp
  ) -> JournalRecord {
    JournalRecord(sequence: sequence, synced: state.sequence, time: now, entry: entry)
  }
}
