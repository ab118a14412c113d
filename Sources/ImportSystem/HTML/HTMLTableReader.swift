import CXML2

/// Reads the tables of a page of HTML as it arrives (libxml2's push parser), and hands over each row as soon as it has
/// ended. The memory does not grow with the page, but with its longest stretch of text without markup.
@safe public final class HTMLTableReader {
  /// One cell of a row.
  public struct Cell: Hashable, Sendable {
    /// True for a `th`.
    public var isHeader: Bool
    /// The text outside of links, without blanks around it.
    public var text = ""
    /// Target of the first link in the cell.
    public var link: String?
    /// The text of links, without blanks around it.
    public var linkText = ""
    /// True if text was left out because the cell is longer than ``HTMLTableReader/longestCell``.
    public var isCut = false
  }

  /// What was read.
  public enum Part: Hashable, Sendable {
    /// A row of a table; cells beyond the 16th are left out.
    case row([Cell])
    /// The text of a `p` outside of tables.
    case paragraph(String)
    /// The text of a `div` that has a class with `alert` in its name.
    case alert(String)
  }

  /// Bytes of a cell's text at most, and of its links' text: more than the longest comment that the server accepts.
  public static let longestCell = 80 << 10
  private static let longestText = 1 << 10
  private static let mostCells = 16

  private let receive: (Part) -> Bool
  private var page: OpaquePointer!
  private var row: [Cell]?
  private var cell: [UInt8] = []
  private var links: [UInt8] = []
  private var isInCell = false
  private var isInLink = false
  private var paragraph: [UInt8]?
  private var alert: [UInt8]?
  /// How many `div` are open inside the alert, itself included.
  private var alertDepth = 0
  /// The last byte so far that is no blank.
  private var last: UInt8?
  /// False once the receiver wants nothing more.
  public private(set) var wantsMore = true

  /// Begins a page in UTF-8. `receive` gets each part as soon as it is whole; false means that it wants nothing more. Traps
  /// only when there is no memory for some kilobytes.
  public init(_ receive: @escaping (Part) -> Bool) {
    self.receive = receive
    unsafe page = unsafe haplo_html_begin(
      Unmanaged.passUnretained(self).toOpaque(),
      { context, name, attributes in unsafe reader(context).begin(name, attributes) },
      { context, name in unsafe reader(context).end(String(cString: name!)) },
      { context, bytes, count in
        unsafe reader(context).take(text: UnsafeRawBufferPointer(start: bytes, count: count))
      })
    precondition(unsafe page != nil, "no memory for a parser of HTML")
  }

  deinit { unsafe haplo_html_free(page) }

  /// Takes the next piece of the page; false once nothing more is wanted.
  public func take(_ piece: UnsafeRawBufferPointer) -> Bool {
    guard wantsMore, let start = piece.baseAddress else { return wantsMore }
    if let last = unsafe piece.last(where: { $0 > UInt8(ascii: " ") }) { self.last = last }
    unsafe haplo_html_take(page, start, piece.count)
    return wantsMore
  }

  /// Ends the page. False, and what has not ended before is left out, if the page ends inside a text or a tag: it was cut,
  /// and if that is in the middle of a number, another number stands there.
  public func finish() -> Bool {
    guard wantsMore else { return true }
    guard last == UInt8(ascii: ">") else { return false }
    unsafe haplo_html_finish(page)
    return true
  }

  private func tell(_ part: Part) { if wantsMore { wantsMore = receive(part) } }

  fileprivate func begin(_ name: UnsafePointer<CChar>?, _ attributes: UnsafePointer<UnsafePointer<CChar>?>?) {
    guard wantsMore, let name = unsafe name else { return }
    switch unsafe String(cString: name) {
    case "tr": row = []
    case "td": beginCell(isHeader: false)
    case "th": beginCell(isHeader: true)
    case "a" where isInCell:
      isInLink = true
      let link = unsafe Self.attribute("href", attributes)
      if let last = row?.indices.last, row?[last].link == nil { row?[last].link = link }
    case "p" where row == nil: paragraph = []
    case "div" where alertDepth > 0: alertDepth += 1
    case "div":
      guard unsafe Self.attribute("class", attributes)?.contains("alert") == true else { return }
      (alert, alertDepth) = ([], 1)
    default: break
    }
  }

  private func beginCell(isHeader: Bool) {
    guard let count = row?.count, count < Self.mostCells else { return }
    row?.append(Cell(isHeader: isHeader))
    (cell, links, isInCell, isInLink) = ([], [], true, false)
  }

  fileprivate func end(_ name: String) {
    guard wantsMore else { return }
    switch name {
    case "a": isInLink = false
    case "td", "th": endCell()
    case "tr":
      endCell()
      if let row, !row.isEmpty { tell(.row(row)) }
      row = nil
    case "p":
      if let paragraph { tell(.paragraph(Self.text(paragraph))) }
      paragraph = nil
    case "div" where alertDepth > 0:
      alertDepth -= 1
      if alertDepth == 0, let alert { tell(.alert(Self.text(alert))) }
    default: break
    }
  }

  private func endCell() {
    guard isInCell, let last = row?.indices.last else { return }
    row?[last].text = Self.text(cell)
    row?[last].linkText = Self.text(links)
    (isInCell, isInLink) = (false, false)
  }

  fileprivate func take(text piece: UnsafeRawBufferPointer) {
    guard wantsMore else { return }
    if isInCell {
      let isCut =
        isInLink
        ? unsafe Self.append(piece, &links, Self.longestCell)
        : unsafe Self.append(piece, &cell, Self.longestCell)
      if isCut, let last = row?.indices.last { row?[last].isCut = true }
    }
    if paragraph != nil { _ = unsafe Self.append(piece, &paragraph!, Self.longestText) }
    if alertDepth > 0, alert != nil { _ = unsafe Self.append(piece, &alert!, Self.longestText) }
  }

  /// Appends as much as there is room for; true if something was left out.
  private static func append(_ piece: UnsafeRawBufferPointer, _ text: inout [UInt8], _ longest: Int) -> Bool {
    let room = max(0, longest - text.count)
    unsafe text.append(contentsOf: piece.prefix(room))
    return piece.count > room
  }

  /// The text without blanks around it; a no-break space is one.
  private static func text(_ bytes: [UInt8]) -> String {
    var scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars[...]
    func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }
    while let first = scalars.first, isBlank(first) { scalars.removeFirst() }
    while let last = scalars.last, isBlank(last) { scalars.removeLast() }
    return String(scalars)
  }

  private static func attribute(_ name: String, _ attributes: UnsafePointer<UnsafePointer<CChar>?>?)
    -> String?
  {
    guard var at = unsafe attributes else { return nil }
    while let key = unsafe at.pointee {
      let value = unsafe at[1]
      if unsafe String(cString: key) == name { return unsafe value.map { unsafe String(cString: $0) } }
      unsafe at += 2
    }
    return nil
  }
}

/// The reader that a callback is for: it frees the page before it goes.
private func reader(_ context: UnsafeMutableRawPointer?) -> HTMLTableReader {
  unsafe Unmanaged<HTMLTableReader>.fromOpaque(context!).takeUnretainedValue()
}
