import ImportCore
import ImportSystem

/// The journal as it was found at start, read and made ready for writing.
struct JournalOpening {
  /// The random name of this spool.
  var header: JournalHeader
  /// All that the records say.
  var state: JournalState
  /// The file, ready for more.
  var file: JournalFile
  /// True if there was none.
  var isNew: Bool
  /// Where the torn end of the old one was kept, if it had one.
  var tornCopy: String?

  /// A journal is made anew at start when it is this much longer than what it says.
  private static let growth = 4
  private static let smallest = 64 << 10

  /// Reads the journal in `directory`, or makes one that holds all strangers for a person. A torn tail is kept aside
  /// and cut off; damage throws and changes nothing.
  static func open(
    in directory: Directory, at now: Timestamp,
    _ strangers: () throws(SystemError) -> [(set: SetID, claim: Claim)] = { [] }
  ) throws(JournalFailure) -> JournalOpening {
    do {
      guard try directory.status(JournalFile.name) != nil else {
        return try make(in: directory, at: now, try strangers())
      }
      let bytes = try directory.readFile(JournalFile.name, atMost: Int.max - 1)
      return try resume(bytes, in: directory, at: now)
    } catch let error as SystemError {
      throw .unavailable(error)
    } catch let error as JournalFailure {
      throw error
    } catch {
      preconditionFailure("only typed errors come from here: \(error)")
    }
  }

  private static func make(
    in directory: Directory, at now: Timestamp, _ strangers: [(set: SetID, claim: Claim)]
  ) throws -> JournalOpening {
    var random = SystemRandomNumberGenerator()
    let instance = String(
      (0..<16).map { _ in SetID.tailAlphabet.randomElement(using: &random)! }.map {
        Character(UnicodeScalar($0))
      })
    let header = JournalHeader(instance: instance, base: 0)
    var state = JournalState()
    var bytes = JournalLine.encode(header)
    for (set, claim) in strangers {
      for event in [DeliveryEvent.claimBegun(claim: claim), .claimed, .held(reason: .journalLost)] {
        let record = JournalRecord(
          sequence: state.sequence + 1, synced: 0, time: now, entry: .event(event, set: set))
        try state.apply(record)
        JournalLine.append(record, to: &bytes)
      }
    }
    let file = try JournalFile.replace(in: directory, with: bytes)
    return JournalOpening(header: header, state: state, file: file, isNew: true)
  }

  private static func resume(_ bytes: [UInt8], in directory: Directory, at now: Timestamp) throws
    -> JournalOpening
  {
    let reading: JournalReading
    do { reading = try JournalReading(bytes, keepsRecords: false) } catch {
      throw JournalFailure.damaged(path: directory.path(of: JournalFile.name), error)
    }
    var torn: String?
    if reading.isTorn {
      torn = try JournalFile.keep(Array(bytes[reading.goodLength...]), at: now, in: directory)
    }
    let live = JournalSnapshot.estimatedLength(of: reading.state, header: reading.header, at: now)
    guard reading.isTorn || bytes.count > max(live * growth, smallest) else {
      let file = try JournalFile.open(in: directory, length: Int64(reading.goodLength))
      return JournalOpening(header: reading.header, state: reading.state, file: file, isNew: false)
    }
    let again = JournalSnapshot.bytes(of: reading.state, header: reading.header, at: now)
    return try renew(reading, live: again, torn: torn, in: directory)
  }

  /// Writes what was replayed to a new file. Without room for it the old one is good enough, cut to its good part.
  private static func renew(
    _ reading: JournalReading, live: [UInt8], torn: String?, in directory: Directory
  ) throws -> JournalOpening {
    var opening: JournalOpening
    let old = try JournalFile.open(in: directory, length: Int64(reading.goodLength))
    do {
      let file = try JournalFile.replace(in: directory, with: live)
      let again = try JournalReading(live, keepsRecords: false)
      opening = JournalOpening(header: again.header, state: again.state, file: file, isNew: false)
    } catch let error as SystemError where error.isNoSpace {
      guard try old.isInPlace() else { throw error }
      try old.cutBack()
      opening = JournalOpening(header: reading.header, state: reading.state, file: old, isNew: false)
    }
    opening.tornCopy = torn
    return opening
  }
}

/// A journal that says the same as another in as few lines as possible.
enum JournalSnapshot {
  /// The header and one record for each set that is not archived. Sequence numbers go on after the old ones, so
  /// that none is ever used for two different things.
  static func bytes(of state: JournalState, header: JournalHeader, at now: Timestamp) -> [UInt8] {
    var next = JournalHeader(instance: header.instance, base: state.sequence)
    next.format = JournalHeader.currentFormat
    var bytes = JournalLine.encode(next)
    for (offset, entry) in state.snapshot.enumerated() {
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
