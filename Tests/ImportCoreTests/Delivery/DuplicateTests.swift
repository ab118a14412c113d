import ImportCore
import Testing

/// What makes a set a duplicate of the last one, and what comes of it (`OnDuplicate=`).
@Suite struct DuplicateTests {
  @Test func `the first set has nothing to be compared with`() throws {
    var source = ComparedSource(.skip, shrink: 0)
    #expect(try source.send().event == nil)
  }

  @Test(arguments: [OnDuplicate.import, .skip, .hold])
  func `the same bytes again are imported, skipped or held`(rule: OnDuplicate) throws {
    var source = ComparedSource(rule)
    let first = try source.send().set
    let second = try source.send()
    switch rule {
    case .import: #expect(second.event == nil)
    case .skip: #expect(second.event == .skipped(sameAs: first, mode: .import))
    case .hold:
      guard case .held(let reason) = second.event else { Issue.record("not held"); return }
      #expect(reason.cause == .duplicate && reason.text.contains(first.text))
      #expect(reason.remedy?.contains("retry \(second.set)") == true)
    }
  }

  /// Rows: a set that differs from the sample, and in what.
  @Test(arguments: [
    (Invented.manifest(content: 0xab), "the bytes of a file"),
    (ComparedSource.manifest(["a": 5], control: 0xcc), "a file less"),
    (
      Manifest(control: Invented.file("control.json", 0xcd), files: Invented.manifest().files),
      "the control file"
    ),
    (
      Manifest(
        control: Invented.manifest().control,
        files: zip(["b", "a"], Invented.manifest().files).map { .init(key: $0, content: $1.content) }),
      "the keys"
    ),
  ])
  func `whatever differs makes it no duplicate`(other: Manifest, what: String) throws {
    var source = ComparedSource(.skip)
    _ = try source.send()
    #expect(try source.send(other).event == nil, "\(what)")
  }

  @Test func `names, dates and the order of keys make no difference`() throws {
    var source = ComparedSource(.skip)
    let first = try source.send().set
    var other = Invented.manifest(inode: 99)
    other.files.reverse()
    other.control.file = "other.json"
    other.files[0].content.file = "z.tsv"
    #expect(try source.send(other).event == .skipped(sameAs: first, mode: .import))
  }

  private func manifest(_ number: Int) -> Manifest { ComparedSource.manifest(["a": Int64(number)]) }

  @Test func `each of the sets that were scheduled before is recognised, not only the last`() throws {
    var source = ComparedSource(.skip)
    let firsts = try (1...3).map { try source.send(manifest($0)).set }
    for number in 1...3 {
      #expect(
        try source.send(manifest(number)).event == .skipped(sameAs: firsts[number - 1], mode: .import))
    }
  }

  @Test func `a thousand sets of each mode are remembered, and a snapshot has them all`() throws {
    var source = ComparedSource(.skip)
    var sets: [SetID] = []
    for number in 0...SourceHistory.longestMemory {
      var manifest = Invented.manifest()
      manifest.files[0].content.sha256 = SHA256Digest(
        bytes: (0..<32).map { $0 < 2 ? UInt8(truncatingIfNeeded: number >> (8 * $0)) : 7 })
      let (set, event) = try source.send(manifest)
      #expect(event == nil)
      try source.record(.archived, set)
      sets.append(set)
    }
    let history = try #require(source.state.histories[Invented.source])
    #expect(history.imports?.map(\.set) == Array(sets.dropFirst()) && history.dryRuns == nil)
    #expect(!history.hasScheduled(sets[0]) && history.hasScheduled(sets[1]))
    var again = JournalState()
    for entry in source.state.snapshot {
      try again.apply(
        JournalRecord(sequence: again.sequence + 1, synced: 0, time: Invented.start, entry: entry))
    }
    #expect(again.histories == source.state.histories)
    let line = JournalLine.encode(
      JournalRecord(
        sequence: 1, synced: 0, time: Invented.start, entry: .history(Invented.source, history)))
    #expect(line.count < 110 * SourceHistory.longestMemory)
  }

  @Test func `a record about arrivals takes nothing from the memory of sets`() throws {
    var source = ComparedSource(.skip)
    let first = try source.send().set
    let history = try #require(source.state.histories[Invented.source])
    try source.state.apply(
      JournalRecord(
        sequence: source.state.sequence + 1, synced: 0, time: Invented.start,
        entry: .history(Invented.source, history.withoutSets)))
    #expect(try source.send().event == .skipped(sameAs: first, mode: .import))
  }

  @Test func `another server, and the other mode, have none of them`() throws {
    var source = ComparedSource(.skip)
    _ = try source.send(manifest(1))
    _ = try source.send(manifest(2))
    source.server = "https://other.example.ac.uk"
    #expect(try source.send(manifest(1)).event == nil)
    source.settings.mode = .dryRun
    #expect(try source.send(manifest(1)).event == nil)
  }
}
