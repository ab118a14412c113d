import CCurl
import CLinux
import Glibc

/// Sends requests over one pool of connections, on one thread (`haplo-http`) with libcurl's multi interface.
/// Without requests that thread sleeps without a limit.
///
/// Guarantees: each call sends its request at most once; no redirect is followed; the environment's proxies
/// are ignored; memory does not grow with the files.
public final class TransferEngine: Sendable {
  private static let isReady = haplo_curl_start() == CURLE_OK

  private let inbox = TransferInbox()

  /// Starts the thread, and ignores SIGPIPE in this process. Throws when a file that `options` names cannot be
  /// read, or no thread can be had.
  public init(_ options: TransferOptions) throws(SystemError) {
    precondition(Self.isReady, "libcurl cannot be initialised")
    _ = haplo_ignore_signal(SIGPIPE)
    do throws(SystemError) {
      try Self.start(inbox, options)
    } catch {
      inbox.freeMulti()
      throw error
    }
  }

  deinit { inbox.close() }

  /// Sends a request, after those that were asked for before if there are too many already, and returns what
  /// came of it. Cancelling the task ends the transfer at once, with how much of it was sent.
  public func send(_ request: TransferRequest) async -> TransferResult {
    do throws(TransferFailure) { return await send(try TransferJob(request)) } catch {
      return .failed(error, sent: .nothing)
    }
  }

  private func send(_ job: TransferJob) async -> TransferResult {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        job.wait(continuation)
        if !inbox.add(job) { job.finish(Self.refused(job)) }
      }
    } onCancel: {
      job.cancel()
      inbox.look()
    }
  }

  /// Ends all transfers as cancelled, and the thread; later ones are refused.
  public func shutDown() { inbox.close() }

  private static func start(_ inbox: TransferInbox, _ options: TransferOptions) throws(SystemError) {
    for path in [options.caFile, options.clientCertificateFile, options.clientKeyFile] {
      guard let path else { continue }
      try systemCall("read", quoted(path)) { unsafe access(path, R_OK) }
    }
    try NamedThread.start("haplo-http") { TransferLoop(inbox, options).run() }
  }

  private static func refused(_ job: TransferJob) -> TransferResult {
    .failed(TransferFailure(.cancelled, at: job.place, "cancelled: no more is sent"), sent: .nothing)
  }
}
