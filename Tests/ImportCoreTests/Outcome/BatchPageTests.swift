import ImportCore
import Testing

/// From the cells of a batch's page to what became of its job.
@Suite struct BatchPageTests {
  private static let batch = BatchID("Q0pXb1F3c2hVQ2lqT0t2bE9hZ2t4d1ZrR2hQbnB5dGRz")!
  private static let now = Timestamp("2026-11-30T12:00:00Z")!

  private static func page(_ rows: [(String, String)]) -> BatchPage {
    var page = BatchPage()
    for (label, text) in rows {
      page.take([
        PageCell(isHeader: true, text: label), PageCell(text: text, link: "#import-log", linkText: "Log"),
      ])
    }
    return page
  }

  private static func page(_ state: String, _ errors: String, _ identifier: String = batch.text) -> BatchPage
  {
    page([("Identifier", identifier), ("Comment", "x"), ("State", state), ("Errors", errors)])
  }

  private static func text(_ page: BatchPage, _ mode: ImportMode) -> String {
    do throws(UnexpectedPage) {
      switch try page.meaning(for: batch, mode, at: now) {
      case .open(let state): return "open \(state.rawValue)"
      case .ended(let outcome): return "\(outcome.state.rawValue) \(outcome.errors.map(String.init) ?? "-")"
      case .otherBatch: return "other batch"
      }
    } catch {
      return "unexpected: \(error)"
    }
  }

  @Test(arguments: [
    ("scheduled", "", ImportMode.import, "open scheduled"),
    ("running", "", .dryRun, "open running"),
    ("complete", "0", .import, "imported 0"),
    ("complete", "12", .import, "imported-with-errors 12"),
    ("dry-run", "0", .dryRun, "checked 0"),
    ("dry-run", "3", .dryRun, "checked-with-errors 3"),
    // The server shows 0 for a failed job whatever happened.
    ("error", "0", .import, "failed -"),
    ("error", "7", .dryRun, "failed -"),
    ("error", "", .import, "failed -"),
    (
      "complete", "0", .dryRun,
      "unexpected: the batch was scheduled as dry-run, and its page has the state 'complete'"
    ),
    (
      "dry-run", "0", .import,
      "unexpected: the batch was scheduled as import, and its page has the state 'dry-run'"
    ),
    (
      "uploading", "", .import,
      "unexpected: the batch was scheduled, and its page has the state 'uploading', as after a restore of the server from a backup"
    ),
    (
      "ready", "", .import,
      "unexpected: the batch was scheduled, and its page has the state 'ready', as after a restore of the server from a backup"
    ),
    ("Complete", "0", .import, "unexpected: the batch's page has the unknown state 'Complete'"),
    ("", "0", .import, "unexpected: the batch's page has the unknown state ''"),
    ("complete", "", .import, "unexpected: the number of errors of a finished job is ''"),
    ("complete", "-1", .import, "unexpected: the number of errors of a finished job is '-1'"),
    ("dry-run", "many", .dryRun, "unexpected: the number of errors of a finished job is 'many'"),
    (
      "complete", "99999999999999999999999", .import,
      "unexpected: the number of errors of a finished job is '99999999999999999999999'"
    ),
  ])
  func `every state and number of errors has one meaning`(
    state: String, errors: String, mode: ImportMode, meaning: String
  ) {
    #expect(Self.text(Self.page(state, errors), mode) == meaning)
  }

  @Test func `a page of another batch says nothing about this one`() {
    #expect(
      Self.text(Self.page("complete", "0", "Q0pXb1F3c2hVQ2lqT0t2bE9hZ2t4d1ZrR2hQbnB5dGR0"), .import)
        == "other batch")
    #expect(Self.text(Self.page("complete", "0", ""), .import) == "other batch")
  }

  @Test func `a page without one of the rows is unexpected, and says which`() {
    let page = Self.page([("Identifier", Self.batch.text), ("Status", "complete")])
    #expect(!page.isComplete)
    #expect(Self.text(page, .import) == "unexpected: the batch's page has no row State, Errors")
  }

  @Test func `of a label that comes twice the first counts, for a log may hold any text`() {
    var page = Self.page("error", "0")
    page.take([PageCell(isHeader: true, text: "State"), PageCell(text: "complete")])
    #expect(page.isComplete)
    #expect(Self.text(page, .import) == "failed -")
  }

  @Test func `rows of another form are no labels`() {
    var page = BatchPage()
    page.take([PageCell(text: "State"), PageCell(text: "complete")])
    page.take([PageCell(isHeader: true, text: "State"), PageCell(text: "complete"), PageCell(text: "x")])
    page.take([PageCell(isHeader: true, text: "State"), PageCell(text: "complete", isCut: true)])
    #expect(page == BatchPage())
  }
}
