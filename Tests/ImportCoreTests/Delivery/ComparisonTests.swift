import ImportCore
import Testing

/// What a set is compared with, and what comes of it: set by set, as one after the other has its turn.
@Suite struct ComparisonTests {
  /// The sets of one source, each brought as far as its turn, with the history that the journal keeps.
  private struct Source {
    var state = JournalState()
    var settings = SourceSettings(name: Invented.source, directory: "/srv/drop/hr")
    var server = Invented.server
    private var number = 0

    init(_ onDuplicate: OnDuplicate = .import, shrink: Int? = nil, mode: SourceMode = .import) {
      settings.onDuplicate = onDuplicate
      settings.shrinkLimit = shrink.flatMap { ShrinkLimit(percent: $0) }
      settings.mode = mode
    }

    mutating func record(_ event: DeliveryEvent, _ set: SetID) throws {
      let record = JournalRecord(
        sequence: state.sequence + 1, synced: 0, time: Invented.start, entry: .event(event, set: set))
      try state.apply(record)
    }

    /// Takes a set with these files, and uploads it.
    mutating func upload(_ manifest: Manifest) throws -> SetID {
      number += 1
      let set = try #require(SetID("20261124T070512Z-hr-set\(22222 + number)"))
      try record(.claimBegun(claim: Invented.claim()), set)
      try prepare(set, manifest)
      return set
    }

    mutating func prepare(_ set: SetID, _ manifest: Manifest) throws {
      let begin = state.deliveries[set]?.stage == .claiming ? [DeliveryEvent.claimed] : []
      let batch = DeliveryEvent.batchCreated(batch: Invented.batch, server: server)
      let uploads = manifest.files.map { DeliveryEvent.fileUploaded(key: $0.key) }
      for event in begin + [.inspected(manifest: manifest), batch] + uploads { try record(event, set) }
    }

    /// What the comparison says of a set whose turn has come.
    func objection(to set: SetID) throws -> DeliveryEvent? {
      let delivery = try #require(state.deliveries[set])
      return Comparison(settings, server: server).objection(
        to: delivery, intending: delivery.intent(mode: settings.mode),
        state.histories[Invented.source] ?? SourceHistory())
    }

    mutating func schedule(_ set: SetID) throws {
      let delivery = try #require(state.deliveries[set])
      try record(delivery.intent(mode: settings.mode), set)
      try record(.scheduled(repeated: false), set)
    }

    /// Uploads a set and does with it what the comparison says.
    mutating func send(_ manifest: Manifest = Invented.manifest()) throws -> (
      set: SetID, event: DeliveryEvent?
    ) {
      let set = try upload(manifest)
      let event = try objection(to: set)
      if let event { try record(event, set) } else { try schedule(set) }
      return (set, event)
    }
  }

  private static func manifest(_ sizes: [String: Int64], control: UInt8 = 0xcc) -> Manifest {
    let files = sizes.sorted { $0.key < $1.key }.map { key, size in
      var content = Invented.file("\(key).json", UInt8(size % 251))
      content.size = size
      return Manifest.Entry(key: key, content: content)
    }
    return Manifest(control: Invented.file("control.json", control), files: files)
  }

  // MARK: OnDuplicate

  @Test func `the first set has nothing to be compared with`() throws {
    var source = Source(.skip, shrink: 0)
    #expect(try source.send().event == nil)
  }

  @Test(arguments: [OnDuplicate.import, .skip, .hold])
  func `the same bytes again are imported, skipped or held`(rule: OnDuplicate) throws {
    var source = Source(rule)
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
    (manifest(["a": 5], control: 0xcc), "a file less"),
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
    var source = Source(.skip)
    _ = try source.send()
    #expect(try source.send(other).event == nil, "\(what)")
  }

  @Test func `names, dates and the order of keys make no difference`() throws {
    var source = Source(.skip)
    let first = try source.send().set
    var other = Invented.manifest(inode: 99)
    other.files.reverse()
    other.control.file = "other.json"
    other.files[0].content.file = "z.tsv"
    #expect(try source.send(other).event == .skipped(sameAs: first, mode: .import))
  }

  @Test func `only the last scheduled set counts: the same as the one before it is sent again`() throws {
    var source = Source(.skip)
    _ = try source.send()
    _ = try source.send(Invented.manifest(content: 1))
    #expect(try source.send().event == nil)
  }

  @Test func `sets that were skipped, held or rejected in between do not count`() throws {
    var source = Source(.skip, shrink: 10)
    let first = try source.send().set
    #expect(try source.send().event == .skipped(sameAs: first, mode: .import))
    let rejected = try source.upload(Invented.manifest(content: 1))
    try source.record(.rejected(reason: Reason("bad")), rejected)
    let small = try source.send(Self.manifest(["a": 1, "b": 1]))
    #expect(small.event != nil)
    #expect(try source.send().event == .skipped(sameAs: first, mode: .import))
  }

  @Test func `of two at once the second is judged when the first is decided`() throws {
    var source = Source(.skip)
    let first = try source.upload(Invented.manifest())
    let second = try source.upload(Invented.manifest())
    #expect(try source.objection(to: first) == nil)
    try source.schedule(first)
    #expect(try source.objection(to: second) == .skipped(sameAs: first, mode: .import))
  }

  @Test func `a dry run is compared with dry runs, an import with imports`() throws {
    var source = Source(.skip, mode: .dryRun)
    let dry = try source.send().set
    source.settings.mode = .import
    let real = try source.send()
    #expect(real.event == nil)
    #expect(try source.send().event == .skipped(sameAs: real.set, mode: .import))
    source.settings.mode = .dryRun
    #expect(try source.send().event == .skipped(sameAs: dry, mode: .dryRun))
  }

  @Test func `what another server has, this one has not`() throws {
    var source = Source(.skip)
    _ = try source.send()
    source.server = "https://new.example.ac.uk"
    #expect(try source.send().event == nil)
  }

  @Test func `a held duplicate that is retried is sent, and its bytes are known from then on`() throws {
    var source = Source(.hold)
    _ = try source.send()
    let held = try source.send().set
    for event in [DeliveryEvent.filed, .retried(by: "ada", importAgain: false), .returned] {
      try source.record(event, held)
    }
    try source.prepare(held, Invented.manifest())
    #expect(try source.objection(to: held) == nil)
    try source.schedule(held)
    #expect(try source.send().event != nil)
    #expect(source.state.histories[Invented.source]?.lastImport?.set == held)
  }

  @Test func `a set that is imported again on purpose is no duplicate, and not too small`() throws {
    var source = Source(.skip, shrink: 10)
    _ = try source.send()
    let small = Self.manifest(["a": 1])
    let set = try #require(SetID("20261124T070512Z-hr-anew2345"))
    try source.record(.reopened(claim: Invented.claim(), by: "ada"), set)
    try source.record(.returned, set)
    try source.prepare(set, small)
    #expect(try source.objection(to: set) == nil)
  }

  @Test func `with approval, dry runs are compared, and what was approved is imported`() throws {
    var source = Source(.skip, mode: .approve)
    let first = try source.send().set
    #expect(try source.send().event == .skipped(sameAs: first, mode: .dryRun))
    try source.record(.approved(by: "ada"), first)
    try source.record(.batchCreated(batch: Invented.nextBatch, server: source.server), first)
    for key in ["a", "b"] { try source.record(.fileUploaded(key: key), first) }
    #expect(try source.objection(to: first) == nil)
    try source.schedule(first)
    #expect(source.state.histories[Invented.source]?.lastImport?.set == first)
  }

  @Test func `a dry run that a person rejected is nothing to be compared with`() throws {
    var source = Source(.skip, mode: .approve)
    let first = try source.send().set
    try source.record(.rejected(reason: Reason("not wanted")), first)
    #expect(try source.send().event == nil)
  }

  // MARK: ShrinkLimit

  /// Rows: a limit, sizes before and now, and whether that is held.
  @Test(arguments: [
    (30, 1000, 700, false), (30, 1000, 699, true), (30, 1000, 1000, false), (30, 1000, 5000, false),
    (0, 1000, 999, true), (0, 1000, 1000, false), (99, 1000, 10, false), (99, 1000, 9, true),
    (30, 0, 0, false), (50, 1, 0, true), (30, Int64.max, 1, true), (30, .max, .max - 1, false),
  ])
  func `a file that has lost more than the limit is held`(limit: Int, old: Int64, new: Int64, isHeld: Bool)
    throws
  {
    var source = Source(shrink: limit)
    _ = try source.send(Self.manifest(["a": old, "b": 7]))
    #expect(try (source.send(Self.manifest(["a": new, "b": 7])).event != nil) == isHeld)
  }

  @Test func `it says which file, by how much, since which set, and what to do`() throws {
    var source = Source(shrink: 30)
    let first = try source.send(Self.manifest(["a": 1000, "b": 7])).set
    let second = try source.send(Self.manifest(["a": 696]))
    guard case .held(let reason) = second.event else { Issue.record("not held"); return }
    #expect(
      reason.text == """
        file 'a' has 696 bytes, 31% less than the 1000 bytes it had
        file 'b' is missing; it had 7 bytes
        compared with set \(first), scheduled at 2026-11-24T07:05:12Z (ShrinkLimit=30%)
        """)
    #expect(reason.cause == .shrunk && reason.remedy?.contains("retry \(second.set)") == true)
  }

  @Test func `a file that is new, and a smaller control file, are fine`() throws {
    var source = Source(shrink: 10)
    _ = try source.send(Self.manifest(["a": 100]))
    var other = Self.manifest(["a": 95, "new": 1])
    other.control.size = 1
    #expect(try source.send(other).event == nil)
  }

  @Test func `a shrunken set that is retried is sent, and the next is measured by it`() throws {
    var source = Source(shrink: 30)
    _ = try source.send(Self.manifest(["a": 1000]))
    let small = Self.manifest(["a": 100])
    let held = try source.send(small).set
    for event in [DeliveryEvent.filed, .retried(by: "ada", importAgain: false), .returned] {
      try source.record(event, held)
    }
    try source.prepare(held, small)
    #expect(try source.objection(to: held) == nil)
    try source.schedule(held)
    #expect(try source.send(Self.manifest(["a": 90])).event == nil)
    #expect(try source.send(Self.manifest(["a": 9])).event != nil)
  }

  @Test func `what was let through as a duplicate may still be too small`() throws {
    var source = Source(.hold, shrink: 30)
    let bytes = Self.manifest(["a": 100])
    _ = try source.send(bytes)
    let held = try source.send(bytes).set
    _ = try source.send(Self.manifest(["a": 1000]))
    for event in [DeliveryEvent.filed, .retried(by: "ada", importAgain: false), .returned] {
      try source.record(event, held)
    }
    try source.prepare(held, bytes)
    guard case .held(let reason) = try source.objection(to: held) else { Issue.record("not held"); return }
    #expect(reason.cause == .shrunk)
  }

  @Test func `a smaller file is one at any server`() throws {
    var source = Source(shrink: 30)
    _ = try source.send(Self.manifest(["a": 1000]))
    source.server = "https://new.example.ac.uk"
    #expect(try source.send(Self.manifest(["a": 100])).event != nil)
  }

  // MARK: Memory

  @Test func `what it is compared with survives the journal's renewal`() throws {
    var source = Source(.skip)
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
    var source = Source(.skip)
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

  @Test func `nothing is skipped for a set that is not the last one`() throws {
    var source = Source(.skip)
    let first = try source.send().set
    let second = try source.upload(Invented.manifest())
    let third = try source.upload(Invented.manifest(content: 1))
    try source.schedule(third)
    let before = source.state
    #expect(throws: Contradiction.self) {
      try source.record(.skipped(sameAs: first, mode: .import), second)
    }
    #expect(source.state == before)
    #expect(try source.objection(to: second) == nil)
  }

  // MARK: A skipped set

  private let skip = DeliveryEvent.skipped(sameAs: Invented.other, mode: .import)

  @Test func `a skipped set goes to the archive and is done`() throws {
    let skipped = try Invented.delivery().after(Invented.untilUploaded + [skip])
    #expect(skipped.next == .archive && !skipped.isQueued && skipped.batch == nil)
    #expect(skipped.orphans == [Invented.batch])
    #expect(skipped.state(now: Invented.start) == .skipped)
    let done = try skipped.after(.archived)
    #expect(done.next == nil && done.state(now: Invented.start) == .skipped)
  }

  @Test func `its receipt says so`() throws {
    let skipped = try Invented.delivery().after([.claimed, Invented.inspected, skip])
    let receipt = try #require(Receipt(skipped, archived: Invented.start))
    #expect(receipt.result == "SKIPPED" && receipt.sameAs == Invented.other)
    #expect(receipt.batch == nil && receipt.scheduled == nil && receipt.server == nil)
    #expect(receipt.mode == .import && receipt.files.allSatisfy { $0.sha256Server == nil })
  }

  @Test func `what was approved is never skipped`() throws {
    let approved = try Invented.delivery().after(
      Invented.untilUploaded + [
        .scheduleIntended(mode: .dryRun, thenApproval: true), .scheduled(repeated: false),
        .approved(by: "ada"),
      ])
    #expect(throws: Contradiction.self) { try approved.after(skip) }
  }
}
