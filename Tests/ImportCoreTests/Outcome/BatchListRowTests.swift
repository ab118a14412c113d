import ImportCore
import Testing

/// Rows of the server's list of batches.
@Suite struct BatchListRowTests {
  private static let batch = BatchID("Q0pXb1F3c2hVQ2lqT0t2bE9hZ2t4d1ZrR2hQbnB5dGRz")!
  private static let set = SetID("20261124T070512Z-hr-7f3k2m9q")!

  private static func cells(
    link: String? = "/do/haplo-data-import-batch/batch/17", name: String = "Q0pXb1F3c2...",
    state: String = "complete", comment: String = "hr export \(set)"
  ) -> [PageCell] {
    [
      PageCell(link: link, linkText: name), PageCell(text: state), PageCell(text: "0"),
      PageCell(text: "30 Nov 2026, 06:27"), PageCell(text: comment),
    ]
  }

  @Test func `a row gives number, beginning of the identifier, state and comment`() throws {
    let row = try #require(try BatchListRow(Self.cells()))
    #expect(row.number == 17)
    #expect(row.opening == "Q0pXb1F3c2")
    #expect(row.state == .complete)
    #expect(row.comment == "hr export \(Self.set)")
    #expect(row.isOf(Self.set, Self.batch))
  }

  @Test(arguments: [
    ("Q0pXb1F3cX...", "hr export 20261124T070512Z-hr-7f3k2m9q"),
    ("Q0pXb1F3c2...", "hr export 20261124T070512Z-hr-7f3k2m9r"),
    ("Q0pXb1F3c2...", "hr export"), ("Q0pXb1F3c2...", ""),
  ])
  func `a row is the set's only with its id and the beginning of its batch`(name: String, comment: String)
    throws
  {
    let row = try #require(try BatchListRow(Self.cells(name: name, comment: comment)))
    #expect(!row.isOf(Self.set, Self.batch))
  }

  @Test func `the row of headlines is none`() throws {
    #expect(
      try BatchListRow([PageCell(isHeader: true, text: "Batch"), PageCell(isHeader: true, text: "State")])
        == nil)
  }

  @Test(arguments: [
    (cells(link: nil), "a row of the list has no link to a batch's page"),
    (cells(link: "/do/other/17"), "a row of the list has no link to a batch's page"),
    (cells(link: "/do/haplo-data-import-batch/batch/"), "a row of the list has no link to a batch's page"),
    (cells(link: "/do/haplo-data-import-batch/batch/1x"), "a row of the list has no link to a batch's page"),
    (
      cells(link: "/do/haplo-data-import-batch/batch/9999999999999999999"),
      "a row of the list has no link to a batch's page"
    ),
    (cells(name: "Q0pXb1F3c2"), "a row of the list does not begin with an identifier: 'Q0pXb1F3c2'"),
    (cells(name: "..."), "a row of the list does not begin with an identifier: '...'"),
    (cells(state: "finished"), "the list has the unknown state 'finished'"),
    (Array(cells().dropLast()), "a row of the list has 4 cells, not 5"),
  ])
  func `a row of another form is unexpected`(cells: [PageCell], words: String) {
    #expect(throws: UnexpectedPage(words)) { try BatchListRow(cells) }
  }
}
