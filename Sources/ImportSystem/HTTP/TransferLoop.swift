import CCurl
import Glibc

/// What the engine's thread does. Everything here belongs to that thread; it meets the callers only in the
/// inbox and the jobs.
@safe final class TransferLoop {
  private let inbox: TransferInbox
  private let options: TransferOptions
  private let clock = SuspendingClock()
  private var queue: [TransferJob] = []
  /// By the number of the easy handle.
  private var active: [Int: Transfer] = [:]
  private var bandwidth: Bandwidth?
  private var boundaries = Boundaries()
  private let sockets = OpenSockets()
  /// Until then every request goes on a connection of its own, for the server closes kept-alive ones without saying so.
  private var freshUntil: SuspendingClock.Instant?

  init(_ inbox: TransferInbox, _ options: TransferOptions) {
    self.inbox = inbox
    self.options = options
    bandwidth = options.bandwidthLimit.map { Bandwidth(rate: $0, now: clock.now) }
    let connections = max(1, options.maxConnections)
    for option in [CURLMOPT_MAX_TOTAL_CONNECTIONS, CURLMOPT_MAX_HOST_CONNECTIONS, CURLMOPT_MAXCONNECTS] {
      check(unsafe haplo_curl_multi_set_long(inbox.multi, option, connections), "set a limit")
    }
  }

  /// Works until the inbox is closed. Without transfers it sleeps without a limit.
  func run() {
    while let jobs = inbox.take() {
      queue += jobs
      endCancelled()
      startQueued()
      perform()
      endOverdue()
      if hasRoom, !queue.isEmpty { continue }
      resumePaused()
      if active.isEmpty, unsafe haplo_curl_multi_is_busy(inbox.multi) == 0 {
        inbox.sleep()
      } else {
        poll()
      }
    }
    endAll()
  }

  private var hasRoom: Bool { active.count < max(1, options.maxConnections) }

  private func startQueued() {
    while hasRoom, !queue.isEmpty { start(queue.removeFirst()) }
  }

  private func start(_ job: TransferJob, expects: Bool = true, isFresh: Bool = false) {
    let transfer: Transfer
    do throws(TransferFailure) {
      transfer = try Transfer(
        job, options, expects: expects, isFresh: isFresh || freshUntil.map { clock.now < $0 } ?? false,
        sockets, boundary: boundaries.next()
      ) {
        [unowned self] wanted in bandwidth?.grant(wanted, at: clock.now) ?? wanted
      }
    } catch {
      return job.finish(.failed(error, sent: .nothing))
    }
    begin(transfer)
  }

  private func begin(_ transfer: Transfer) {
    if case .form(let fields) = transfer.job.request.body {
      bandwidth?.charge(FormEncoding.body(of: fields).count, at: clock.now)
    }
    active[transfer.handle.number] = transfer
    closeSockets(of: transfer.handle)
    check(unsafe curl_multi_add_handle(inbox.multi, transfer.handle.pointer), "take a transfer")
  }

  private func perform() {
    var running: Int32 = 0
    check(unsafe curl_multi_perform(inbox.multi, &running), "go on")
    var code = CURLE_OK
    while let pointer = unsafe haplo_curl_multi_next_done(inbox.multi, &code) {
      guard let transfer = active[Int(bitPattern: pointer)] else { continue }
      if transfer.hasLostConnection(code) { freshUntil = clock.now.advanced(by: Self.distrust) }
      if transfer.isToGoOnFreshConnection {
        remove(transfer)
        start(transfer.job, isFresh: true)
      } else if transfer.isToGoWithoutExpect {
        remove(transfer)
        start(transfer.job, expects: false)
      } else {
        end(transfer, transfer.result(code))
      }
    }
  }

  /// How long a server that closes kept-alive connections is given a new one for each request.
  private static let distrust = Duration.seconds(600)

  private func end(_ transfer: Transfer, _ result: TransferResult) {
    remove(transfer)
    transfer.job.finish(result)
  }

  /// Takes a transfer out of libcurl, which closes its connection unless it is done.
  private func remove(_ transfer: Transfer) {
    check(unsafe curl_multi_remove_handle(inbox.multi, transfer.handle.pointer), "let go of a transfer")
    active[transfer.handle.number] = nil
  }

  private func endCancelled() {
    for transfer in Array(active.values) where transfer.job.isCancelled {
      end(transfer, transfer.result(endedBy: .cancelled))
    }
    // Each is asked once: it can be cancelled at any moment, and would else be left out unfinished.
    queue.removeAll(where: finishIfCancelled)
  }

  private func endOverdue() {
    let now = clock.now
    for transfer in Array(active.values) {
      if let kind = transfer.look(at: now) { end(transfer, transfer.result(endedBy: kind)) }
    }
  }

  private func endAll() {
    for transfer in Array(active.values) { end(transfer, transfer.result(endedBy: .cancelled)) }
    for job in queue + inbox.takeRest() { finishUnsent(job) }
    inbox.freeMulti()
  }

  private func finishIfCancelled(_ job: TransferJob) -> Bool {
    guard job.isCancelled else { return false }
    finishUnsent(job)
    return true
  }

  private func finishUnsent(_ job: TransferJob) {
    job.finish(.failed(.ended(.cancelled, at: job.place, options), sent: .nothing))
  }

  private func check(_ code: CURLMcode, _ what: @autoclosure () -> String) {
    precondition(code == CURLM_OK, "libcurl cannot \(what()): code \(code.rawValue)")
  }
}

extension TransferLoop {
  /// Has each connection's last bytes looked at before it is closed. The loop outlives the multi handle.
  private func closeSockets(of handle: EasyHandle) {
    let code = unsafe haplo_curl_set_closer(
      handle.pointer,
      { context, socket in
        let loop = unsafe Unmanaged<TransferLoop>.fromOpaque(context!).takeUnretainedValue()
        let port = LeftBytes.localPort(of: socket)
        for transfer in loop.active.values where transfer.localPort == port {
          transfer.takeLeftAnswer(from: socket)
        }
        loop.sockets.remove(socket)
        return close(socket)
      }, unsafe Unmanaged.passUnretained(self).toOpaque())
    handle.check(code, "a callback")
    let opener = unsafe haplo_curl_set_opener(
      handle.pointer,
      { context, socket, _ in
        let loop = unsafe Unmanaged<TransferLoop>.fromOpaque(context!).takeUnretainedValue()
        loop.sockets.add(socket)
        return CURL_SOCKOPT_OK
      }, unsafe Unmanaged.passUnretained(self).toOpaque())
    handle.check(opener, "a callback")
  }

  /// Lets those go on that our own limit held back, once there is something to share out.
  private func resumePaused() {
    guard bandwidth?.wait(at: clock.now) == .zero else { return }
    for transfer in active.values where transfer.source?.isPaused == true {
      transfer.source?.resume()
      transfer.handle.check(unsafe curl_easy_pause(transfer.handle.pointer, CURLPAUSE_CONT), "to go on")
    }
  }

  /// Sleeps until a socket, a timer or a caller wants something.
  private func poll() {
    let timeout = timeout(at: clock.now)
    inbox.poll { check(unsafe curl_multi_poll(inbox.multi, nil, 0, timeout, nil), "wait") }
  }

  /// Milliseconds until one of our own timers is due; libcurl knows its own.
  private func timeout(at now: SuspendingClock.Instant) -> Int32 {
    var shortest = Duration.seconds(2_000_000)
    for transfer in active.values {
      if let deadline = transfer.deadline { shortest = min(shortest, now.duration(to: deadline)) }
    }
    if active.values.contains(where: { $0.source?.isPaused == true }),
      let wait = bandwidth?.wait(at: now)
    {
      shortest = min(shortest, wait)
    }
    return Int32(max(.zero, shortest).wholeMilliseconds)
  }
}
