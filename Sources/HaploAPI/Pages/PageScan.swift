import ImportCore
import ImportSystem

/// Reads one jobs page while it arrives, and ends it as soon as nothing more is wanted of it.
///
/// Domain: the transfer's thread while the request is under way, its caller afterwards.
final class PageScan: @unchecked Sendable {
  private let longest: Int
  /// Nil once the page is answered: the transfer's thread may keep the scan a little longer, and must not keep more.
  private var take: (([PageCell]) throws(UnexpectedPage) -> Bool)?
  private var reader: HTMLTableReader!
  private var size = 0
  /// True if the page says that the key's user may not see it.
  private(set) var isNotPermitted = false
  /// The first deviation from the known form.
  private(set) var unexpected: UnexpectedPage?
  /// True if no more was wanted.
  private(set) var hasEnough = false
  /// The number of batches that the list announces.
  private(set) var announced: Int64?

  /// Begins a page of at most `longest` bytes. `take` gets the cells of each row; false ends the page.
  init(longest: Int, _ take: @escaping ([PageCell]) throws(UnexpectedPage) -> Bool) {
    self.longest = longest
    self.take = take
    reader = HTMLTableReader { [unowned self] in receive($0) }
  }

  /// Takes the next piece; false once nothing more is wanted.
  func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
    size = size.addingReportingOverflow(bytes.count).partialValue
    guard size <= longest else {
      unexpected = unexpected ?? UnexpectedPage("the page has more than \(longest >> 10) KiB")
      return false
    }
    return reader.take(bytes)
  }

  /// Ends a page that came whole, and judges how it was answered.
  func answer(_ reply: PageReply) -> PageAnswer {
    if reply.isComplete, !reader.finish() {
      unexpected = unexpected ?? UnexpectedPage("the page ends in the middle of a text")
    }
    take = nil
    return PageAnswer(
      status: reply.status, mediaType: reply.mediaType,
      isComplete: reply.isComplete || hasEnough || unexpected != nil, isNotPermitted: isNotPermitted,
      failure: reply.failure)
  }

  private func receive(_ part: HTMLTableReader.Part) -> Bool {
    switch part {
    case .alert(let text):
      isNotPermitted = isNotPermitted || text.contains("not permitted")
      return !isNotPermitted
    case .paragraph(let text):
      if announced == nil, text.hasPrefix("Batches: ") { announced = Int64(text.dropFirst(9)) }
      return true
    case .row(let cells):
      do throws(UnexpectedPage) {
        guard let take else { return false }
        hasEnough = try !take(cells.map { PageCell($0) })
        return !hasEnough
      } catch {
        unexpected = error
        return false
      }
    }
  }
}

extension PageCell {
  fileprivate init(_ cell: HTMLTableReader.Cell) {
    self.init(
      isHeader: cell.isHeader, text: cell.text, link: cell.link, linkText: cell.linkText, isCut: cell.isCut)
  }
}
