import ImportCore

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
