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

  /// Takes all members.
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

  /// Takes the whole sentence.
  public init(_ description: String) { self.description = description }

  /// At most so many characters of a page are quoted.
  static func quoted(_ text: String) -> String {
    let shown = text.prefix(40)
    return "'\(PrintableText.escaping(String(shown)))\(shown.count < text.count ? "…" : "")'"
  }
}
