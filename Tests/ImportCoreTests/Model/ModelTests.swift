import ImportCore
import Testing

/// The promise, searched for exceptions: a model of server, journal and loop around the real ``Delivery`` and the real
/// table of verdicts, in which everything happens that can.
///
/// What is modelled: the four requests with every kind of loss (never sent, thrown away, worked on but unanswered,
/// worked on later, answered or refused by a proxy, failed, altered on the way, a server restored from a backup); the program killed
/// before and after every record; power cuts that take back any records since the last barrier. What is not: the files
/// here (claim and archive have tests of their own on real file systems) and several sets at once.
///
/// In every world that can be reached: at most one schedule; what is scheduled has all the bytes; an archived set
/// was scheduled, a rejected or skipped one was not, and a held one says whether it may have been; and every life ends. The
/// rules that bring this about are then taken away one by one, and each time the search must find the failure.
@Suite struct ModelTests {
  @Test(arguments: [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (0, 2), (0, 3), (1, 2)])
  func `whatever is lost and whenever it crashes, a set is scheduled once and whole`(
    faults: Int, crashes: Int
  ) {
    let search = ModelSearch(faults: faults, crashes: crashes)
    #expect(search.found == nil)
    #expect(search.worlds > 20)
    #expect(search.ends["finished", default: 0] > 0)
    #expect(search.ends["rejected"] == nil)
    #expect((search.ends["held"] != nil) == (faults > 0))
  }

  @Test(arguments: ModelClient.Skip.allCases, [(0, 0), (1, 0), (2, 0), (0, 2), (1, 2)])
  func `a set that is skipped is never scheduled, whatever is lost and whenever it crashes`(
    skip: ModelClient.Skip, within: (faults: Int, crashes: Int)
  ) {
    let search = ModelSearch(skip: skip, faults: within.faults, crashes: within.crashes)
    #expect(search.found == nil)
    #expect(search.ends["finished", default: 0] > 0)
    #expect(search.ends["rejected"] == nil)
  }

  @Test(arguments: ModelClient.Skip.allCases, [(0, 0), (1, 0), (0, 1), (0, 2), (1, 1)])
  func
    `a set that is held for its records and retried is scheduled once, whatever is lost and whenever it crashes`(
      hold: ModelClient.Skip, within: (faults: Int, crashes: Int)
    )
  {
    let search = ModelSearch(hold: hold, faults: within.faults, crashes: within.crashes)
    #expect(search.found == nil)
    #expect(search.ends["finished", default: 0] > 0)
    #expect(search.ends["rejected"] == nil)
    #expect((search.ends["held"] != nil) == (within.faults > 0))
  }

  @Test func `a set that would be held again after a retry never ends, and the search finds that`() {
    #expect(ModelSearch(.holdAgain, hold: .beforeBatch, faults: 0, crashes: 0).found?.violation == .noEnd)
  }

  @Test(arguments: [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2)])
  func
    `with import-if-clean dry run and import are scheduled once each, and the import only after a clean one`(
      faults: Int, crashes: Int
    )
  {
    let search = ModelSearch(importsIfClean: true, faults: faults, crashes: crashes)
    #expect(search.found == nil)
    #expect(search.ends["finished", default: 0] > 0)
    #expect(search.ends["awaitingApproval", default: 0] > 0)
    #expect(search.ends["rejected"] == nil)
  }

  @Test func `an import on an unknown result is missed`() {
    let search = ModelSearch(.importOnUnknown, importsIfClean: true, faults: 0, crashes: 0)
    #expect(search.found?.violation == .importedWithoutCleanDryRun)
  }

  @Test func `the intent must be durable for both batches`() {
    let search = ModelSearch(.intentRidesAlong, importsIfClean: true, faults: 0, crashes: 1)
    #expect(search.found?.violation == .scheduledTwice)
  }

  @Test(arguments: [
    (ModelClient.Mutation.intentRidesAlong, 0, 1, ModelSearch.Violation.scheduledTwice),
    (.intentAfterTheCall, 0, 1, .scheduledTwice),
    (.startWithoutSync, 0, 2, .scheduledTwice),
    (.openUploadGoesOn, 1, 1, .importedOtherBytes),
    (.sameBatchAfterTimeout, 1, 0, .importedOtherBytes), (.skipInDoubt, 0, 0, .contradiction),
  ])
  func `each rule that is taken away is missed`(
    mutation: ModelClient.Mutation, faults: Int, crashes: Int, violation: ModelSearch.Violation
  ) {
    let search = ModelSearch(mutation, faults: faults, crashes: crashes)
    #expect(search.found?.violation == violation)
  }
}
