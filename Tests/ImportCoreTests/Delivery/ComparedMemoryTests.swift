import ImportCore
import Testing

/// What a set is compared with, as the journal keeps it.
@Suite struct ComparedMemoryTests {
  @Test func `what it is compared with survives the journal's renewal`() throws {
    var source = ComparedSource(.skip)
    let first = try source.send().set
    try source.record(.archived, first)
    var again = JournalState(sequence: source.state.sequence)
    for entry in source.state.snapshot {
      try again.apply(
        JournalRecord(sequence: again.sequence + 1, synced: 0, time: Invented.start, entry: entry))
    }
    #expect(again.histories == source.state.histories)
    source.state = again
    #expect(try source.send().event == .skipped(sameAs: first, mode: .import))
  }

  @Test func `a set that was scheduled from a snapshot is remembered too`() throws {
    var source = ComparedSource(.skip)
    let set = try source.upload(Invented.manifest())
    try source.record(.scheduleIntended(mode: .import), set)
    var again = JournalState(sequence: source.state.sequence)
    for entry in source.state.snapshot {
      try again.apply(
        JournalRecord(sequence: again.sequence + 1, synced: 0, time: Invented.start, entry: entry))
    }
    #expect(again.histories[Invented.source]?.lastImport == nil)
    source.state = again
    try source.record(.scheduled(repeated: true), set)
    #expect(try source.send().event == .skipped(sameAs: set, mode: .import))
  }

  @Test func `nothing is skipped for a set that was not scheduled`() throws {
    var source = ComparedSource(.skip)
    let first = try source.send().set
    let second = try source.upload(Invented.manifest())
    let third = try source.upload(Invented.manifest(content: 1))
    try source.schedule(third)
    let before = source.state
    #expect(throws: Contradiction.self) {
      try source.record(.skipped(sameAs: second, mode: .import), second)
    }
    #expect(source.state == before)
    #expect(try source.objection(to: second) == .skipped(sameAs: first, mode: .import))
  }
}
