/// A batch's own page: identifier, state and errors, each in a row of its own.
public struct BatchPage: Hashable, Sendable {
  private var identifier: String?
  private var state: String?
  private var errors: String?

  public init() {}

  /// True once nothing more of the page is needed.
  public var isComplete: Bool { identifier != nil && state != nil && errors != nil }

  /// The identifier on the page; nil if there is none, or none of the right form.
  public var batch: BatchID? { identifier.flatMap { BatchID($0) } }

  /// True if the page has the identifier of this batch.
  public func isOf(_ batch: BatchID) -> Bool { identifier?.utf8.elementsEqual(batch.text.utf8) == true }

  /// Reads the cells of one row; rows of other things change nothing. Of a label that comes twice the first counts.
  public mutating func take(_ cells: [PageCell]) {
    guard cells.count == 2, cells[0].isHeader, !cells[1].isHeader, !cells[1].isCut else { return }
    switch cells[0].text {
    case "Identifier" where identifier == nil: identifier = cells[1].text
    case "State" where state == nil: state = cells[1].text
    case "Errors" where errors == nil: errors = cells[1].text
    default: break
    }
  }

  /// The meaning of the page for a batch that was scheduled.
  public enum Meaning: Hashable, Sendable {
    /// The job has not ended: `scheduled` or `running`.
    case open(ServerBatchState)
    case ended(JobOutcome)
    /// The page is that of another batch.
    case otherBatch
  }

  /// Judges the page as that of `batch`, which was scheduled in `mode`; `now` is when it was read. Throws what is
  /// unexpected.
  public func meaning(for batch: BatchID, _ mode: ImportMode, at now: Timestamp) throws(UnexpectedPage)
    -> Meaning
  {
    guard identifier != nil, let state, let errors else {
      let missing = [("Identifier", identifier), ("State", state), ("Errors", errors)].filter { $0.1 == nil }
      throw UnexpectedPage("the batch's page has no row \(missing.map(\.0).joined(separator: ", "))")
    }
    guard isOf(batch) else { return .otherBatch }
    guard let known = ServerBatchState(rawValue: state) else {
      throw UnexpectedPage("the batch's page has the unknown state \(UnexpectedPage.quoted(state))")
    }
    switch (known, mode) {
    case (.scheduled, _), (.running, _): return .open(known)
    case (.uploading, _), (.ready, _):
      throw UnexpectedPage(
        "the batch was scheduled, and its page has the state '\(state)', as after a restore of the server from a backup"
      )
    case (.error, _): return .ended(JobOutcome(.failed, seen: now))
    case (.complete, .import):
      let count = try Self.count(errors)
      return .ended(JobOutcome(count == 0 ? .imported : .importedWithErrors, errors: count, seen: now))
    case (.dryRun, .dryRun):
      let count = try Self.count(errors)
      return .ended(JobOutcome(count == 0 ? .checked : .checkedWithErrors, errors: count, seen: now))
    case (.complete, .dryRun), (.dryRun, .import):
      throw UnexpectedPage(
        "the batch was scheduled as \(mode.rawValue), and its page has the state '\(state)'")
    }
  }

  private static func count(_ text: String) throws(UnexpectedPage) -> Int64 {
    let isNumber = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard isNumber, !text.isEmpty, let count = Int64(text) else {
      throw UnexpectedPage("the number of errors of a finished job is \(UnexpectedPage.quoted(text))")
    }
    return count
  }
}

/// One cell of a table on a page of the server.
public struct PageCell: Hashable, Sendable {
  /// True for a `th`.
  public var isHeader: Bool
  /// The text outside of links, without blanks around it.
  public var text: String
  /// Target of the first link in the cell, as it is written.
  public var link: String?
  /// The text of links, without blanks around it.
  public var linkText: String
  /// True if text was left out because the cell is too long.
  public var isCut: Bool

  public init(
    isHeader: Bool = false, text: String = "", link: String? = nil, linkText: String = "", isCut: Bool = false
  ) {
    self.isHeader = isHeader
    self.text = text
    self.link = link
    self.linkText = linkText
    self.isCut = isCut
  }
}

/// Something on a page that is not as the known versions of the server write it.
public struct UnexpectedPage: Error, Hashable, Sendable, CustomStringConvertible {
  /// The deviation, for people; texts of the page are quoted only where they are a word of markup or a state.
  public let description: String

  public init(_ description: String) { self.description = description }

  /// At most so many characters of a page are quoted.
  static func quoted(_ text: String) -> String {
    let shown = text.prefix(40)
    return "'\(PrintableText.escaping(String(shown)))\(shown.count < text.count ? "…" : "")'"
  }
}
