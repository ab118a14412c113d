import ImportCore
import Testing

/// Which earlier set one is compared with, when its turn comes.
@Suite struct ComparedSetTests {
  @Test func `a set counts that was scheduled before the last one`() throws {
    var source = ComparedSource(.skip)
    let first = try source.send().set
    _ = try source.send(Invented.manifest(content: 1))
    #expect(try source.send().event == .skipped(sameAs: first, mode: .import))
  }

  @Test func `sets that were skipped, held or rejected in between do not count`() throws {
    var source = ComparedSource(.skip, shrink: 10)
    let first = try source.send().set
    #expect(try source.send().event == .skipped(sameAs: first, mode: .import))
    let rejected = try source.upload(Invented.manifest(content: 1))
    try source.record(.rejected(reason: Reason("bad")), rejected)
    let small = try source.send(ComparedSource.manifest(["a": 1, "b": 1]))
    #expect(small.event != nil)
    #expect(try source.send().event == .skipped(sameAs: first, mode: .import))
  }

  @Test func `of two at once the second is judged when the first is decided`() throws {
    var source = ComparedSource(.skip)
    let first = try source.upload(Invented.manifest())
    let second = try source.upload(Invented.manifest())
    #expect(try source.objection(to: first) == nil)
    try source.schedule(first)
    #expect(try source.objection(to: second) == .skipped(sameAs: first, mode: .import))
  }

  @Test func `a dry run is compared with dry runs, an import with imports`() throws {
    var source = ComparedSource(.skip, mode: .dryRun)
    let dry = try source.send().set
    source.settings.mode = .import
    let real = try source.send()
    #expect(real.event == nil)
    #expect(try source.send().event == .skipped(sameAs: real.set, mode: .import))
    source.settings.mode = .dryRun
    #expect(try source.send().event == .skipped(sameAs: dry, mode: .dryRun))
  }

  @Test func `what another server has, this one has not`() throws {
    var source = ComparedSource(.skip)
    _ = try source.send()
    source.server = "https://new.example.ac.uk"
    #expect(try source.send().event == nil)
  }

  @Test func `a held duplicate that is retried is sent, and its bytes are known from then on`() throws {
    var source = ComparedSource(.hold)
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
    var source = ComparedSource(.skip, shrink: 10)
    _ = try source.send()
    let small = ComparedSource.manifest(["a": 1])
    let set = try #require(SetID("20261124T070512Z-hr-anew2345"))
    try source.record(.reopened(claim: Invented.claim(), by: "ada"), set)
    try source.record(.returned, set)
    try source.prepare(set, small)
    #expect(try source.objection(to: set) == nil)
  }

  @Test func `with approval, dry runs are compared, and what was approved is imported`() throws {
    var source = ComparedSource(.skip, mode: .approve)
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
    var source = ComparedSource(.skip, mode: .approve)
    let first = try source.send().set
    try source.record(.rejected(reason: Reason("not wanted")), first)
    #expect(try source.send().event == nil)
  }
}
