public import ImportCore
public import ImportSystem
import Synchronization

/// Reads the server's two jobs pages, one request at a time, and sends the session's cookie back: each request without it
/// makes a session, and too many of those end the sessions of all users (docs/server.md).
///
/// Domain: `cookie` is guarded by its mutex.
public final class JobPages: Sendable {
  /// Why a request brought no page.
  public enum Failure: Error {
    case refused(OutcomeRefusal)
    case noSuchBatch
    /// It can pass.
    case failed(String)
    case unexpected(UnexpectedPage)
  }

  /// 20,000 batches have 5.5 MB.
  private static let longestList = 64 << 20
  /// Identifier, state and errors come before the log, which may have any length.
  private static let longestBatch = 256 << 10

  private let transport: any PageTransport
  private let tally: OutcomeTally
  private let cookie: Mutex<String?>
  private let keep: @Sendable (String?) async -> Void

  /// Begins with the cookie of a session that was opened before, or none.
  ///
  /// - Parameter keep: Called with each other cookie that the server sets, and with nil after a refusal.
  public init(
    _ transport: any PageTransport, tally: OutcomeTally = OutcomeTally(), cookie: String? = nil,
    keep: @escaping @Sendable (String?) async -> Void = { _ in }
  ) {
    self.transport = transport
    self.tally = tally
    self.cookie = Mutex(cookie)
    self.keep = keep
  }

  /// Continues the session that a file remembers, and keeps the file up to date. Blocks.
  public convenience init(
    _ transport: any PageTransport, tally: OutcomeTally = OutcomeTally(), in file: SessionFile,
    _ workers: WorkerPool
  ) {
    let cookie = file.read()
    if cookie == nil { SessionFile.remove(from: file.state) }
    self.init(transport, tally: tally, cookie: cookie) { cookie in
      await workers.run { file.write(cookie) }
    }
  }

  /// Reads rows of the list, newest first, until `take` returns false. Returns true if the whole list was read.
  public func list(_ take: @escaping (BatchListRow) -> Bool) async throws(Failure) -> Bool {
    var rows: Int64 = 0
    let scan = PageScan(longest: Self.longestList) { cells throws(UnexpectedPage) in
      guard let row = try BatchListRow(cells) else { return true }
      rows += 1
      return take(row)
    }
    try await get(BatchListRow.listPath, scan, isBatch: false)
    guard let announced = scan.announced else {
      throw .unexpected(UnexpectedPage("the page does not say how many batches there are"))
    }
    if scan.hasEnough { return false }
    guard rows == announced else {
      throw .unexpected(UnexpectedPage("the list announces \(announced) batches and has \(rows) rows"))
    }
    return true
  }

  /// Reads the page of one batch, as far as it tells the outcome.
  public func batch(_ number: Int64) async throws(Failure) -> BatchPage {
    let page = Mutex(BatchPage())
    let scan = PageScan(longest: Self.longestBatch) { cells in
      page.withLock { page in
        page.take(cells)
        return !page.isComplete
      }
    }
    try await get("\(BatchListRow.pagePath)\(number)", scan, isBatch: true)
    return page.withLock { $0 }
  }

  /// Reads the page of one batch with a receiver of the caller's own, which passes to `scan` what belongs there.
  func stream(
    _ number: Int64, _ scan: PageScan, _ receive: @escaping @Sendable (UnsafeRawBufferPointer) -> Bool
  ) async throws(Failure) {
    try await get("\(BatchListRow.pagePath)\(number)", scan, isBatch: true, receive)
  }

  private func get(
    _ path: String, _ scan: PageScan, isBatch: Bool,
    _ receive: (@Sendable (UnsafeRawBufferPointer) -> Bool)? = nil
  ) async throws(Failure) {
    tally.count()
    let reply = await transport.get(path, cookie: cookie.withLock { $0 }, receive ?? { scan.receive($0) })
    if let session = reply.cookies.first(where: { $0.hasPrefix("s=") }) { await use(session) }
    switch scan.answer(reply).meaning(isBatch: isBatch) {
    case .page: if let unexpected = scan.unexpected { throw .unexpected(unexpected) }
    case .refused(let refusal):
      await use(nil)
      throw .refused(refusal)
    case .noSuchBatch: throw .noSuchBatch
    case .failed(let text): throw .failed(text)
    case .unexpected(let unexpected): throw .unexpected(unexpected)
    }
  }

  private func use(_ session: String?) async {
    let isOther = cookie.withLock { cookie in
      defer { cookie = session }
      return cookie != session
    }
    if isOther { await keep(session) }
  }
}

/// Counts the requests for jobs pages.
public final class OutcomeTally: Sendable {
  private let requests = Atomic<Int64>(0)

  public init() {}

  /// Requests so far.
  public var current: Int64 { requests.load(ordering: .relaxed) }

  func count() { requests.add(1, ordering: .relaxed) }
}
