public import ImportCore
public import ImportRuntime
import ImportSystem
import Synchronization

/// Why a job's log cannot be printed.
public enum ServerLogFailure: Error, Sendable, Hashable {
  /// The server refuses the key.
  case refused(OutcomeRefusal)
  /// The server does not answer, or not with the page.
  case unavailable(String)
  /// The set's batch is not there, or has no log.
  case notFound(String)
}

extension Configuration {
  /// A person may read the log page by page, which holds up the transfer.
  private static let patience = Duration.seconds(86_400)

  /// Finds the batch of a set in the server's list and passes the text of its job's log on as it arrives; nothing is stored.
  /// `write` is called on another thread and may block; false ends the transfer.
  ///
  /// - Throws: ``ServerLogFailure``; ``ConfigurationFailure`` and ``SystemError`` as
  ///   ``LoadedConfiguration/makeTransport(replyTimeout:)`` does.
  public func readServerLog(
    of set: SetID, _ batch: BatchID, with outcomeKey: APIKey, _ write: @escaping @Sendable ([UInt8]) -> Bool
  ) async throws {
    let pages = JobPages(
      try makePages(outcomeKey, replyTimeout: Self.patience), cookie: rememberedSession(outcomeKey))
    let hasLog: Bool
    do throws(JobPages.Failure) {
      guard let number = try await pages.number(of: set, batch) else { throw JobPages.Failure.noSuchBatch }
      hasLog = try await pages.log(number, of: batch, write)
    } catch {
      throw ServerLogFailure(error)
    }
    if !hasLog { throw ServerLogFailure.notFound("the batch's page has no log: its job has not ended") }
  }

  /// The cookie of the daemon's session, as far as this user may read it: a command for people makes none of its own then.
  private func rememberedSession(_ outcomeKey: APIKey) -> String? {
    (try? FileSystem().openDirectory(daemon.stateDirectory)).flatMap { state in
      SessionFile(state: state, server: server.url, key: outcomeKey.fingerprint).read()
    }
  }
}

extension ServerLogFailure {
  fileprivate init(_ failure: JobPages.Failure) {
    switch failure {
    case .refused(let refusal): self = .refused(refusal)
    case .noSuchBatch: self = .notFound("the set's batch is not in the server's list")
    case .failed(let text): self = .unavailable(text)
    case .unexpected(let page):
      self = .unavailable(
        "it is none of the pages about batches of a Haplo server: \(page.description); check URL= in [Server], and that no "
          + "proxy or login page answers in its place")
    }
  }
}

extension JobPages {
  /// The number of a set's batch in the server's database; nil if it is not in the list.
  func number(of set: SetID, _ batch: BatchID) async throws(Failure) -> Int64? {
    var number: Int64?
    _ = try await list { row in
      if row.isOf(set, batch) { number = row.number }
      return number == nil
    }
    return number
  }

  /// Passes the text of a job's log on as it arrives, once the page has proved to be the batch's. False if it has no log.
  @discardableResult
  func log(_ number: Int64, of batch: BatchID, _ write: @escaping @Sendable ([UInt8]) -> Bool)
    async throws(Failure) -> Bool
  {
    let reader = LogScan(batch, write)
    try await stream(number, reader.scan) { reader.receive($0) }
    if reader.isOtherBatch { throw .noSuchBatch }
    guard reader.isPageOfBatch else { throw .unexpected(UnexpectedPage("the page names no batch")) }
    return reader.hasFound
  }
}

/// Reads a batch's page for its identifier, and then for its log.
///
/// Domain: the transfer's thread while the request is under way, its caller afterwards.
private final class LogScan: @unchecked Sendable {
  let scan: PageScan
  private let page: PageOfBatch
  private let batch: BatchID
  private let write: @Sendable ([UInt8]) -> Bool
  private var log = ServerLogReader()

  private final class PageOfBatch: @unchecked Sendable {
    var page = BatchPage()
  }

  init(_ batch: BatchID, _ write: @escaping @Sendable ([UInt8]) -> Bool) {
    let page = PageOfBatch()
    (self.page, self.batch, self.write) = (page, batch, write)
    scan = PageScan(longest: .max) { cells in
      page.page.take(cells)
      return !page.page.isComplete
    }
  }

  var hasFound: Bool { log.hasFound }
  var isPageOfBatch: Bool { page.page.isComplete }
  var isOtherBatch: Bool { page.page.isComplete && !page.page.isOf(batch) }

  func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if !page.page.isComplete, !scan.receive(bytes), !page.page.isComplete { return false }
    let text = log.take(bytes)
    // The log stands behind the table; one that does not is of a page that nobody knows.
    guard page.page.isOf(batch) else { return !page.page.isComplete && !log.hasFound }
    return (text.isEmpty || write(text)) && !log.hasEnded
  }
}
