import ImportCore
import Testing

/// What a set comes to whose records are not as its source's guards want them.
@Suite struct GuardTests {
  /// A manifest whose files have these numbers of records.
  private static func manifest(_ counts: [String: Int64?], recordKey: String? = nil) -> Manifest {
    var manifest = ComparedSource.manifest(counts.mapValues { ($0 ?? 1000) % 1000 + 7 })
    for index in manifest.files.indices {
      manifest.files[index].content.records = counts[manifest.files[index].key] ?? nil
      manifest.files[index].content.recordKey = recordKey
    }
    return manifest
  }

  private static func source(_ change: (inout RecordGuards) -> Void) -> ComparedSource {
    var source = ComparedSource()
    change(&source.settings.guards)
    return source
  }

  private static func reason(_ event: DeliveryEvent?) -> Reason? {
    if case .held(let reason)? = event { reason } else { nil }
  }

  /// Retries a held set with these files.
  private static func retry(_ set: SetID, _ manifest: Manifest, in source: inout ComparedSource) throws {
    for event in [DeliveryEvent.filed, .retried(by: "ada", importAgain: false), .returned] {
      try source.record(event, set)
    }
    try source.prepare(set, manifest)
  }

  // MARK: ChangeLimit=

  private static let most = Int64.max
  private static let half: Int64 = most / 2

  /// Rows: a limit, records before and now, and whether that is held.
  static let changes: [(Int, Int64, Int64, Bool)] = [
    (20, 1000, 800, false), (20, 1000, 799, true), (20, 1000, 1200, false), (20, 1000, 1201, true),
    (20, 1000, 1000, false), (0, 1000, 1000, false), (0, 1000, 1001, true), (0, 1000, 999, true),
    (100, 1000, 0, false), (100, 1000, 2000, false), (100, 1000, 2001, true), (1000, 1, 11, false),
    (1000, 1, 12, true), (33, 3, 2, true), (34, 3, 2, false), (20, 0, 0, false), (20, 0, 1, true),
    (20, 5, 4, false), (20, 4, 3, true), (7, 100, 93, false), (7, 100, 92, true),
    (50, most, half + 1, false), (50, most, half, true), (1000, 1, most, true),
  ]

  @Test(arguments: changes)
  func `a number of records that differs by more than ChangeLimit= is held`(
    limit: Int, before: Int64, now: Int64, isHeld: Bool
  ) throws {
    var source = Self.source { $0.changeLimit = ChangeLimit(percent: limit) }
    _ = try source.send(Self.manifest(["a": before, "b": 7]))
    #expect(try (source.send(Self.manifest(["a": now, "b": 7])).event != nil) == isHeld)
  }

  @Test func `the reason names file, counts, limit, its line, the set before, and what to do`() throws {
    var source = Self.source { $0.changeLimit = ChangeLimit(percent: 20) }
    source.origins = [
      ConfiguredValue(
        section: "Source finance", key: "ChangeLimit", text: "1%", origin: .file(path: "/etc/x", line: 1)),
      ConfiguredValue(
        section: "Source hr", key: "ChangeLimit", text: "20%",
        origin: .file(path: "/etc/haplo-importd/haplo-importd.conf.d/50-hr.conf", line: 7)),
    ]
    let first = try source.send(Self.manifest(["a": 22_134, "b": 8, "c": 3, "d": 0])).set
    let second = try source.send(Self.manifest(["a": 11_000, "b": 10, "d": 1]))
    let reason = try #require(Self.reason(second.event))
    let limit = "ChangeLimit=20% (/etc/haplo-importd/haplo-importd.conf.d/50-hr.conf:7)"
    #expect(
      reason.text == """
        file 'a' has 11000 records, 50.4% fewer than the 22134 it had: \(limit)
        file 'b' has 10 records, 25% more than the 8 it had: \(limit)
        file 'c' is missing; it had 3 records: \(limit)
        file 'd' has 1 record, more than the 0 it had: \(limit)
        compared with set \(first), scheduled at 2026-11-24T07:05:12Z
        """)
    #expect(reason.cause == .guarded)
    for command in ["diff", "retry", "reject"] {
      #expect(reason.remedy?.contains("'haplo-importd \(command) \(second.set)") == true)
    }
  }

  @Test func `a file that is new has nothing to differ from, and one that is gone had records`() throws {
    var source = Self.source { $0.changeLimit = ChangeLimit(percent: 20) }
    _ = try source.send(Self.manifest(["a": 100]))
    #expect(try source.send(Self.manifest(["a": 100, "new": 5])).event == nil)
    #expect(try source.send(Self.manifest(["renamed": 100, "new": 5])).event != nil)
  }

  @Test func `another file of the same key is the same file, and a name in other bytes is another key`()
    throws
  {
    var source = Self.source { $0.changeLimit = ChangeLimit(percent: 20) }
    _ = try source.send(Self.manifest(["caf\u{e9}": 100]))
    var renamed = Self.manifest(["caf\u{e9}": 100])
    renamed.files[0].content.file = "other.json"
    #expect(try source.send(renamed).event == nil)
    #expect(try source.send(Self.manifest(["cafe\u{301}": 100])).event != nil)
  }

  @Test func `without counts of the set before there is nothing to compare, and without its own it is held`()
    throws
  {
    var source = Self.source { $0.changeLimit = ChangeLimit(percent: 20) }
    _ = try source.send(Self.manifest(["a": nil]))
    #expect(try source.send(Self.manifest(["a": 100])).event == nil)
    let text = try Self.reason(source.send(Self.manifest(["a": nil])).event)?.text
    #expect(text?.hasPrefix("the records of file 'a' were not counted; it had 100 records: ") == true)
  }

  @Test func `it is compared with the last set of the same mode`() throws {
    var source = Self.source { $0.changeLimit = ChangeLimit(percent: 20) }
    _ = try source.send(Self.manifest(["a": 100]))
    source.settings.mode = .dryRun
    #expect(try source.send(Self.manifest(["a": 10])).event == nil)
    source.settings.mode = .import
    #expect(try source.send(Self.manifest(["a": 10])).event != nil)
    source.settings.mode = .approve
    #expect(try source.send(Self.manifest(["a": 10])).event == nil)
  }

  @Test func `what a person has approved is imported without another comparison`() throws {
    var source = Self.source { $0.changeLimit = ChangeLimit(percent: 20) }
    _ = try source.send(Self.manifest(["a": 100]))
    source.settings.mode = .approve
    let small = Self.manifest(["a": 1])
    let set = try source.upload(small)
    try source.schedule(set)
    try source.record(.approved(by: "ada"), set)
    try source.record(.batchCreated(batch: Invented.nextBatch, server: source.server), set)
    try source.record(.fileUploaded(key: "a"), set)
    #expect(try source.objection(to: set) == nil)
  }

  @Test func `a set that is retried is sent, and the next is measured by it`() throws {
    var source = Self.source { $0.changeLimit = ChangeLimit(percent: 20) }
    _ = try source.send(Self.manifest(["a": 100]))
    let small = Self.manifest(["a": 10])
    let held = try source.send(small).set
    try Self.retry(held, small, in: &source)
    #expect(try source.objection(to: held) == nil)
    try source.schedule(held)
    #expect(try source.send(Self.manifest(["a": 9])).event == nil)
    #expect(try source.send(Self.manifest(["a": 100])).event != nil)
  }

  @Test func `a set that is rejected is not measured by`() throws {
    var source = Self.source { $0.changeLimit = ChangeLimit(percent: 20) }
    _ = try source.send(Self.manifest(["a": 100]))
    let held = try source.send(Self.manifest(["a": 10])).set
    for event in [DeliveryEvent.filed, .rejected(reason: Reason("wrong")), .filed] {
      try source.record(event, held)
    }
    #expect(try source.send(Self.manifest(["a": 100])).event == nil)
    #expect(try source.send(Self.manifest(["a": 10])).event != nil)
  }

  @Test func `a dry run that is rejected is not measured by, but the last one that was accepted`() throws {
    var source = Self.source {
      $0.changeLimit = ChangeLimit(percent: 20)
      $0.firstSet = .hold
    }
    source.settings.mode = .dryRun
    let first = Self.manifest(["a": 100])
    let set = try source.send(first).set
    try Self.retry(set, first, in: &source)
    try source.schedule(set)
    source.settings.mode = .approve
    // Nobody saw at once that these were wrong.
    let wrong = try [119, 130].map { try source.send(Self.manifest(["a": $0])) }
    #expect(wrong.allSatisfy { $0.event == nil })
    for set in wrong.map(\.set) { try source.record(.rejected(reason: Reason("wrong")), set) }
    #expect(
      try Self.reason(source.send(Self.manifest(["a": 121])).event)?.text.contains("the 100 it had") == true)
  }

  /// Why nobody can reject a dry run any more.
  enum Acceptance: CaseIterable { case approved, clean, foundImport }

  @Test(arguments: Acceptance.allCases)
  func `a dry run that was accepted takes the place of a later one that is rejected`(acceptance: Acceptance)
    throws
  {
    var source = Self.source { $0.changeLimit = ChangeLimit(percent: 20) }
    source.settings.mode = acceptance == .clean ? .importIfClean : .approve
    _ = try source.send(Self.manifest(["a": 100]))
    let accepted = try source.send(Self.manifest(["a": 80])).set
    switch acceptance {
    case .approved: try source.record(.approved(by: "ada"), accepted)
    case .clean:
      let clean = JobOutcome(.checked, errors: 0, seen: Invented.start)
      try source.record(.dryRunEnded(batch: Invented.batch, outcome: clean), accepted)
      try source.record(.approvedAsClean(records: 80), accepted)
    case .foundImport:
      try source.record(
        .foundScheduled(
          batch: Invented.nextBatch, server: source.server, mode: .import, thenApproval: false), accepted)
    }
    let rejected = try source.send(Self.manifest(["a": 64]))
    #expect(rejected.event == nil)
    try source.record(.rejected(reason: Reason("wrong")), rejected.set)
    #expect(try source.send(Self.manifest(["a": 63])).event != nil)
    #expect(try source.send(Self.manifest(["a": 97])).event != nil)
    #expect(try source.send(Self.manifest(["a": 96])).event == nil)
  }

  /// The life of a set that is held, retried and scheduled, between one before it and two after it.
  private static func heldAndRetried(restart: Int?) throws -> (held: [Bool], records: Int64) {
    var source = Self.source {
      $0.changeLimit = ChangeLimit(percent: 20)
      $0.recordKeys = [ExactText("a"): "id"]
      $0.removalLimit = .percent(10)
    }
    source.restart = restart
    let big = Self.manifest(["a": 100], recordKey: "id")
    let small = Self.manifest(["a": 10], recordKey: "id")
    var held: [Bool] = []
    held.append(try source.send(big).event != nil)
    source.keys = [ExactText("a"): .counted(before: 100, missing: 90)]
    let second = try source.send(small)
    held.append(second.event != nil)
    try Self.retry(second.set, small, in: &source)
    held.append(try source.objection(to: second.set) != nil)
    try source.schedule(second.set)
    try source.record(.archived, second.set)
    source.keys = [ExactText("a"): .counted(before: 10, missing: 1)]
    held.append(try source.send(small).event != nil)
    held.append(try source.send(big).event != nil)
    return (held, source.state.sequence)
  }

  @Test func `a crash between any two records of a held and retried set changes no decision`() throws {
    let (held, records) = try Self.heldAndRetried(restart: nil)
    #expect(held == [false, true, false, false, true] && records > 25)
    for number in 1...Int(records) {
      #expect(try Self.heldAndRetried(restart: number).held == held, "after record \(number)")
    }
  }

  // MARK: MinRecords=

  /// Rows: the least number for all files and for `a`, the records of `a`, and whether that is held.
  static let least: [(Int64?, Int64?, Int64?, Bool)] = [
    (10, nil, 10, false), (10, nil, 9, true), (nil, 10, 10, false), (nil, 10, 9, true), (10, 5, 5, false),
    (10, 5, 4, true), (10, 0, 0, false), (0, nil, 0, false), (10, nil, nil, true), (10, 0, nil, false),
  ]

  @Test(arguments: least)
  func `a file with fewer records than MinRecords= is held, even in the first set`(
    least: Int64?, ofA: Int64?, records: Int64?, isHeld: Bool
  ) throws {
    var source = Self.source {
      $0.minRecords = least
      $0.minRecordsByKey[ExactText("a")] = ofA
    }
    let reason = try Self.reason(source.send(Self.manifest(["a": records, "b": 100])).event)
    #expect((reason != nil) == isHeld)
    #expect(reason?.text.contains("file 'b'") != true && reason?.text.contains("compared") != true)
  }

  @Test func `a file that MinRecords.KEY= names must be there`() throws {
    var source = Self.source { $0.minRecordsByKey = [ExactText("a"): 1, ExactText("b"): 0] }
    #expect(
      try Self.reason(source.send(Self.manifest(["c": 5])).event)?.text
        == "file 'a' is missing: MinRecords.a=1")
    #expect(try source.send(Self.manifest(["a": 1])).event == nil)
  }

  // MARK: RemovalLimit=

  /// Rows: a limit, keys before, how many are missing, and whether that is held.
  static let removals: [(String, Int64, Int64, Bool)] = [
    ("10%", 1000, 100, false), ("10%", 1000, 101, true), ("0%", 1000, 0, false), ("0%", 1000, 1, true),
    ("10%", 9, 0, false), ("10%", 9, 1, true), ("10%", 10, 1, false), ("10%", 0, 0, false),
    ("50 records", 1000, 50, false), ("50", 1000, 51, true), ("0", 10, 1, true), ("99%", most, most, true),
    ("99%", most, most / 100 * 99, false),
  ]

  @Test(arguments: removals)
  func `missing record keys beyond RemovalLimit= are held`(
    limit: String, before: Int64, missing: Int64, isHeld: Bool
  ) throws {
    var source = Self.source {
      $0.removalLimit = RemovalLimit(limit)
      $0.recordKeys = [ExactText("a"): "id"]
    }
    _ = try source.send(Self.manifest(["a": 1000], recordKey: "id"))
    source.keys = [ExactText("a"): .counted(before: before, missing: missing)]
    #expect(try (source.send(Self.manifest(["a": 1000], recordKey: "id")).event != nil) == isHeld)
  }

  @Test func `it says how many keys are missing, or why they could not be compared`() throws {
    var source = Self.source {
      $0.removalLimit = .percent(10)
      $0.recordKeys = [ExactText("a"): "id", ExactText("b"): "id"]
    }
    let first = try source.send(Self.manifest(["a": 9, "b": 9], recordKey: "id")).set
    source.keys = [ExactText("a"): .counted(before: 8, missing: 3), ExactText("b"): .failed("they are gone")]
    #expect(
      try Self.reason(source.send(Self.manifest(["a": 10, "b": 9], recordKey: "id")).event)?.text == """
        file 'a' lacks 3 of the 8 record keys it had (37.5%); it has 10 records, and had 9: RemovalLimit=10%
        the record keys of file 'b' cannot be compared: they are gone: RemovalLimit=10%
        compared with set \(first), scheduled at 2026-11-24T07:05:12Z
        """)
  }

  @Test func `keys are asked for where the last set has those of the same field`() throws {
    var source = Self.source {
      $0.removalLimit = .percent(10)
      $0.recordKeys = [ExactText("a"): "id", ExactText("b"): "id"]
    }
    var manifest = Self.manifest(["a": 9, "b": 9, "c": 9], recordKey: "id")
    manifest.files[1].content.recordKey = "number"
    let last = try source.send(manifest).set
    func demands(_ manifest: Manifest) throws -> (last: SetID, files: [RecordKeyDemand])? {
      let set = try source.upload(manifest)
      let delivery = try #require(source.state.deliveries[set])
      return Comparison(source.settings, server: source.server).recordKeyDemands(
        delivery, intending: .scheduleIntended(mode: .import),
        try #require(source.state.histories[Invented.source]))
    }
    let same = try #require(try demands(manifest))
    #expect(same.last == last && same.files.map(\.key) == ["a"])
    #expect(same.files[0].isThere && same.files[0].isRecorded)
    let gone = try #require(try demands(Self.manifest(["b": 9], recordKey: "id")))
    #expect(gone.files.map(\.key) == ["a"] && !gone.files[0].isThere)
    let plain = try #require(try demands(Self.manifest(["a": 9])))
    #expect(plain.files[0].isThere && !plain.files[0].isRecorded)
    source.settings.guards.removalLimit = nil
    #expect(try demands(manifest) == nil)
  }

  // MARK: FirstSet=

  @Test func `FirstSet=hold holds the first set of each mode, and a retry lets it pass`() throws {
    var source = Self.source { $0.firstSet = .hold }
    let bytes = Self.manifest(["a": 1])
    let first = try source.send(bytes)
    #expect(
      Self.reason(first.event)?.text
        == "no set of the source was scheduled in this mode before: FirstSet=hold")
    // There is nothing that 'diff' could compare it with.
    #expect(
      Self.reason(first.event)?.remedy?.hasPrefix("look at the files in files/. If the export is right")
        == true)
    try Self.retry(first.set, bytes, in: &source)
    #expect(try source.objection(to: first.set) == nil)
    try source.schedule(first.set)
    #expect(try source.send(Self.manifest(["a": 2])).event == nil)
    source.settings.mode = .dryRun
    #expect(try source.send(Self.manifest(["a": 2])).event != nil)
  }

  @Test func `with FirstSet=hold a file that nobody counts holds no set`() throws {
    var source = Self.source { $0.changeLimit = ChangeLimit(percent: 20) }
    _ = try source.send(Self.manifest(["a": 100, "plugin": nil]))
    source.settings.guards.firstSet = .hold
    #expect(try source.send(Self.manifest(["a": 100, "plugin": nil])).event == nil)
  }

  @Test func `with FirstSet=hold a file whose record keys nobody reads holds no set`() throws {
    var source = Self.source {
      $0.recordKeys = [ExactText("plugin"): "id"]
      $0.removalLimit = .percent(10)
    }
    _ = try source.send(Self.manifest(["plugin": nil]))
    source.settings.guards.firstSet = .hold
    #expect(try source.send(Self.manifest(["plugin": nil])).event == nil)
  }

  @Test func `with FirstSet=hold a set whose record keys are of another field now is held once`() throws {
    var source = Self.source {
      $0.recordKeys = [ExactText("a"): "id"]
      $0.removalLimit = .percent(10)
      $0.firstSet = .hold
    }
    let first = Self.manifest(["a": 5], recordKey: "id")
    let set = try source.send(first).set
    try Self.retry(set, first, in: &source)
    try source.schedule(set)
    source.settings.guards.recordKeys = [ExactText("a"): "number"]
    let second = Self.manifest(["a": 5], recordKey: "number")
    let held = try source.send(second)
    #expect(
      Self.reason(held.event)?.text.hasPrefix(
        "the record keys 'number' of file 'a' in the last set were not recorded: FirstSet=hold\n") == true)
    try Self.retry(held.set, second, in: &source)
    try source.schedule(held.set)
    #expect(try source.send(second).event == nil)
  }

  @Test func `with FirstSet=hold a set without anything to compare with is held too`() throws {
    var source = Self.source {
      $0.changeLimit = ChangeLimit(percent: 20)
      $0.recordKeys = [ExactText("a"): "id"]
      $0.removalLimit = .percent(10)
    }
    _ = try source.send(Self.manifest(["a": nil, "b": 5]))
    source.settings.guards.firstSet = .hold
    let text = try Self.reason(source.send(Self.manifest(["a": 3, "b": 5], recordKey: "id")).event)?.text
    #expect(
      text?.hasPrefix("the records of file 'a' in the last set were not counted: FirstSet=hold\n") == true)
    source.settings.guards.changeLimit = nil
    let keys = try Self.reason(source.send(Self.manifest(["a": 3, "b": 5], recordKey: "id")).event)?.text
    #expect(
      keys?.hasPrefix("the record keys 'id' of file 'a' in the last set were not recorded: FirstSet=hold\n")
        == true)
  }

  @Test func `all that speaks against a set is in one reason, and one retry is enough`() throws {
    var source = Self.source {
      $0.changeLimit = ChangeLimit(percent: 20)
      $0.minRecords = 50
    }
    _ = try source.send(Self.manifest(["a": 100]))
    let small = Self.manifest(["a": 10])
    let held = try source.send(small)
    #expect(Self.reason(held.event)?.text.split(separator: "\n").count == 3)
    try Self.retry(held.set, small, in: &source)
    #expect(try source.objection(to: held.set) == nil)
  }

  @Test func `a set that is imported again on purpose is not held`() throws {
    var source = Self.source { $0.minRecords = 50 }
    let small = Self.manifest(["a": 10])
    let held = try source.send(small).set
    for event in [DeliveryEvent.filed, .retried(by: "ada", importAgain: true), .returned] {
      try source.record(event, held)
    }
    try source.prepare(held, small)
    #expect(try source.objection(to: held) == nil)
  }
}
