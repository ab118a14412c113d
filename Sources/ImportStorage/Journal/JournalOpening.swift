import ImportCore
import ImportSystem

/// The journal as it was found, read, compared with its spool, and made ready for writing. Every program that writes to the
/// journal opens it here, so here is decided, once, what the journal proves (docs/journal-format.md).
struct JournalOpening {
  /// What the file's first line says now.
  private(set) var header: JournalHeader
  /// All that the records say.
  private(set) var state: JournalState
  /// The file, ready for more.
  private(set) var file: JournalFile
  /// Where the torn end of the old file was kept, if it had one.
  private(set) var tornCopy: String?
  /// The sets that were held just now, because nothing proves whether they were scheduled.
  private(set) var held: [SetID] = []
  /// The latest time that the journal or the newest receipts named; nil if neither named any.
  private(set) var latest: Timestamp?

  /// A journal is made anew at start when it is this much longer than what it says.
  private static let growth = 4
  private static let smallest = 64 << 10

  /// Reads the journal in `directory`, or makes one. A torn tail is kept aside and cut off; damage throws and changes nothing.
  ///
  /// Journal and spool carry the same name. Where there is no journal, it is of another spool, or it is older than the
  /// archive, the sets in `work/` that it does not know, or has in `held/` or `rejected/`, are held, and of another spool's
  /// journal also those that it takes for unscheduled. `spool` is nil in tests of the file alone.
  ///
  /// - Throws: ``JournalFailure``. What was decided is durable on return.
  static func open(in directory: Directory, with spool: Spool?, at now: Timestamp) throws(JournalFailure)
    -> JournalOpening
  {
    do {
      guard try directory.status(JournalFile.name) != nil else {
        return try make(in: directory, with: spool, at: now)
      }
      let bytes = try directory.readFile(JournalFile.name, atMost: Int.max - 1)
      return try resume(bytes, in: directory, with: spool, at: now)
    } catch let error as SystemError {
      throw .unavailable(error)
    } catch let error as JournalFailure {
      throw error
    } catch {
      preconditionFailure("only typed errors come from here: \(error)")
    }
  }

  /// The spool gets its name first: a crash before the journal has it leaves a spool that is named and has no journal,
  /// which is where this began.
  private static func make(in directory: Directory, with spool: Spool?, at now: Timestamp) throws
    -> JournalOpening
  {
    let mark = try spool?.instance()
    let instance = mark ?? newInstance()
    if mark == nil { try spool?.setInstance(instance) }
    var state = JournalState()
    let entries = try holdings(of: spool, in: state, .journalLost)
    let header = JournalHeader(instance: instance, base: 0, created: now, marked: spool == nil ? nil : true)
    var bytes = JournalLine.encode(header)
    for entry in entries {
      let record = JournalRecord(sequence: state.sequence + 1, synced: 0, time: now, entry: entry)
      try state.apply(record)
      JournalLine.append(record, to: &bytes)
    }
    let file = try JournalFile.replace(in: directory, with: bytes)
    var opening = JournalOpening(header: header, state: state, file: file)
    opening.held = heldSets(entries)
    opening.latest = try spool?.newestReceipts(state).map(\.scheduled).max()
    return opening
  }

  private static func resume(
    _ bytes: [UInt8], in directory: Directory, with spool: Spool?, at now: Timestamp
  ) throws -> JournalOpening {
    let reading: JournalReading
    do { reading = try JournalReading(bytes, keepsRecords: false) } catch {
      throw JournalFailure.damaged(path: directory.path(of: JournalFile.name), error)
    }
    var torn: String?
    if reading.isTorn {
      torn = try JournalFile.keep(Array(bytes[reading.goodLength...]), at: now, in: directory)
    }
    let receipts = try spool?.newestReceipts(reading.state) ?? []
    let finding = try Finding(reading, receipts, spool)
    let live = JournalSnapshot.estimatedLength(of: reading.state, header: reading.header, at: now)
    let isGrown = reading.isTorn || bytes.count > max(live * growth, smallest)
    var opening: JournalOpening
    if isGrown || finding.header != reading.header || !finding.entries.isEmpty {
      opening = try renew(reading, finding, in: directory, at: now)
    } else {
      let file = try JournalFile.reopen(in: directory, length: Int64(reading.goodLength))
      opening = JournalOpening(header: reading.header, state: reading.state, file: file)
    }
    if finding.isForeign { try spool?.setInstance(finding.header.instance) }
    opening.tornCopy = torn
    opening.held = heldSets(finding.entries)
    opening.latest = (receipts.map(\.scheduled) + [reading.latest].compactMap(\.self)).max()
    return opening
  }

  /// Writes what was replayed, and what was found, to a new file. Without room for it the old one is good enough, cut to its
  /// good part, unless a set has to be held.
  private static func renew(
    _ reading: JournalReading, _ finding: Finding, in directory: Directory, at now: Timestamp
  ) throws -> JournalOpening {
    let old = try JournalFile.reopen(in: directory, length: Int64(reading.goodLength))
    let live = JournalSnapshot.bytes(
      of: reading.state, header: finding.header, at: now, adding: finding.entries)
    do {
      let file = try JournalFile.replace(in: directory, with: live)
      let again = try JournalReading(live, keepsRecords: false)
      return JournalOpening(header: again.header, state: again.state, file: file)
    } catch let error as SystemError where error.isNoSpace && finding.entries.isEmpty {
      guard try old.isInPlace(), finding.header.instance == reading.header.instance else { throw error }
      if reading.isTorn { try old.cutBack() }
      return JournalOpening(header: reading.header, state: reading.state, file: old)
    }
  }

  private init(header: JournalHeader, state: JournalState, file: JournalFile) {
    self.header = header
    self.state = state
    self.file = file
  }

  fileprivate static func heldSets(_ entries: [JournalEntry]) -> [SetID] {
    entries.compactMap { if case .event(.held, let set) = $0 { set } else { nil } }
  }

  private static func newInstance() -> String {
    var random = SystemRandomNumberGenerator()
    let letters = (0..<16).map { _ in SetID.tailAlphabet.randomElement(using: &random)! }
    return String(decoding: letters, as: UTF8.self)
  }

  /// The records that hold every set in `work/` which the journal does not know.
  private static func holdings(of spool: Spool?, in state: JournalState, _ reason: Reason)
    throws(SystemError) -> [JournalEntry]
  {
    guard let spool else { return [] }
    return try spool.claimsAtWork(unknownTo: state).flatMap { holding($0.set, $0.claim, reason) }
  }

  fileprivate static func holding(_ set: SetID, _ claim: Claim, _ reason: Reason) -> [JournalEntry] {
    [DeliveryEvent.claimBegun(claim: claim), .claimed, .held(reason: reason)].map { .event($0, set: set) }
  }
}

extension JournalOpening {
  /// What the comparison of a journal with its spool has shown.
  private struct Finding {
    /// True if the journal is of another spool.
    var isForeign = false
    /// What the journal's first line has to say from now on.
    var header: JournalHeader
    /// What is to be recorded before anything else.
    var entries: [JournalEntry] = []

    init(_ reading: JournalReading, _ receipts: [ScheduledReceipt], _ spool: Spool?) throws {
      header = reading.header
      guard let spool else { return }
      let mark = try spool.instance()
      header.marked = true
      let state = reading.state
      switch (mark, reading.header.marked) {
      case (reading.header.instance, _): break
      case (nil, nil):
        // A journal and a spool of version 0.1 meet this rule for the first time, and count as a pair. The spool gets its
        // name first: after a crash both have it, and the journal is told so at the next start.
        try spool.setInstance(header.instance)
        // But a journal that was begun when the sets stood in `work/` already knows nothing of them.
        if header.base == 0, state.knowsNoSets { entries = try holdings(of: spool, in: state, .journalLost) }
      default:
        // Both get a new name, the journal first: until the spool has it too, the same is found again.
        isForeign = true
        header.instance = newInstance()
        entries = state.holdable.map { .event(.held(reason: .journalForeign), set: $0) }
        entries += try holdings(of: spool, in: state, .journalForeign)
        entries += try spool.setsBackAtWork(unknownTo: state).map {
          .event(.held(reason: .journalForeign), set: $0.set)
        }
        return
      }
      if state.outdated == nil, let found = state.outdated(by: receipts, ended: reading.latest) {
        entries.append(.outdated(found))
        for set in state.holdable where try spool.hasFolder(of: set, in: .archive) {
          entries.append(.event(.held(reason: .archivedAlready), set: set))
        }
        entries += try holdings(of: spool, in: state, .journalOutdated)
      }
      try holdStrangers(spool, state)
      entries += try spool.setsBackAtWork(unknownTo: state).map {
        .event(.held(reason: .journalBehind($0.place)), set: $0.set)
      }
    }

    /// Every claim is durable in the journal before its set is moved, so no crash leaves a set that an intact journal does not
    /// know: the journal was restored from a backup, or the folder was put there by hand.
    private mutating func holdStrangers(_ spool: Spool, _ state: JournalState) throws {
      let told = Set(JournalOpening.heldSets(entries))
      for (set, claim) in try spool.claimsAtWork(unknownTo: state) where !told.contains(set) {
        let reason = try spool.otherPlace(of: set).map(Reason.standsTwice) ?? .journalUnaware
        entries += JournalOpening.holding(set, claim, reason)
      }
    }
  }
}

extension Reason {
  private static let check =
    "look in the server's list of batch import jobs, or restore the journal from a backup; if the set was not imported, run "
    + "'haplo-importd retry --import-again' for it, else reject it"

  static let journalLost = Reason(
    "the journal is new, so nothing proves whether this set was scheduled before", remedy: check,
    cause: .unproven)

  static let journalForeign = Reason(
    "the journal is of another spool, so nothing proves whether this set was scheduled before", remedy: check,
    cause: .unproven)

  static let journalUnaware = Reason(
    "the journal does not know this set, which no crash can cause: the journal may be older than the spool, so nothing proves "
      + "whether the set was scheduled before", remedy: check, cause: .unproven)

  /// A retry is durable in the journal before the folder is moved, so no crash causes this either.
  static func journalBehind(_ place: Delivery.Place) -> Reason {
    Reason(
      "the journal has this set in \(place.rawValue)/, but it is in work/, which no crash can cause: the journal may be older than "
        + "the spool, so nothing proves whether the set was scheduled since", remedy: check, cause: .unproven)
  }

  static let archivedAlready = Reason(
    "the journal is older than the archive and takes this set for unscheduled, but it is in the archive with its receipt",
    remedy: "reject it, then run 'haplo-importd discard' for it; the archive keeps its files",
    cause: .unproven)

  static let journalOutdated = Reason(
    "the journal is older than the archive and does not know this set, so nothing proves whether it was scheduled before",
    remedy: check, cause: .unproven)
}
