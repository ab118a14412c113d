/// One row of the server's list of batches: `FIRST10...` with a link, state, errors, date and comment. The list has all
/// batches ever made, newest first.
public struct BatchListRow: Hashable, Sendable {
  /// The number of the batch in the server's database, which grows with each batch that is created.
  public let number: Int64
  /// The first characters of its identifier, usually ten.
  public let opening: String
  public let state: ServerBatchState
  /// Its comment, complete.
  public let comment: String

  public static let listPath = "/do/haplo-data-import-batch/batches"
  /// Path of a batch's page, without the number.
  public static let pagePath = "/do/haplo-data-import-batch/batch/"
  /// So few characters of an identifier prove too little.
  private static let shortestOpening = 8

  /// Reads the cells of one row. Returns nil for the row of headlines. Throws what is unexpected.
  public init?(_ cells: [PageCell]) throws(UnexpectedPage) {
    if cells.allSatisfy(\.isHeader) { return nil }
    guard cells.count == 5 else { throw UnexpectedPage("a row of the list has \(cells.count) cells, not 5") }
    guard let link = cells[0].link, let number = Self.number(link) else {
      throw UnexpectedPage("a row of the list has no link to a batch's page")
    }
    let name = cells[0].linkText
    guard name.hasSuffix("..."), name.utf8.count >= Self.shortestOpening + 3 else {
      throw UnexpectedPage(
        "a row of the list does not begin with an identifier: \(UnexpectedPage.quoted(name))")
    }
    guard let state = ServerBatchState(rawValue: cells[1].text) else {
      throw UnexpectedPage("the list has the unknown state \(UnexpectedPage.quoted(cells[1].text))")
    }
    self.number = number
    opening = String(name.dropLast(3))
    self.state = state
    comment = cells[4].text
  }

  /// True if the row is this batch of this set: its comment has the set's id, and its identifier begins like the batch's.
  /// Only the batch's own page has the whole identifier.
  public func isOf(_ set: SetID, _ batch: BatchID) -> Bool {
    batch.text.utf8.starts(with: opening.utf8) && names(set)
  }

  /// True if the comment has the set's id.
  public func names(_ set: SetID) -> Bool {
    let (text, id) = (Array(comment.utf8), Array(set.text.utf8))
    guard text.count >= id.count else { return false }
    return (0...text.count - id.count).contains { text[$0...].starts(with: id) }
  }

  private static func number(_ link: String) -> Int64? {
    guard link.utf8.starts(with: pagePath.utf8) else { return nil }
    let digits = link.utf8.dropFirst(pagePath.utf8.count)
    guard !digits.isEmpty, digits.count <= 18,
      digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    return Int64(String(Substring(digits)))
  }
}
