import CCurl
import Synchronization

/// Where callers leave what the engine's thread is to do. The multi handle is the thread's own, but for
/// curl_multi_wakeup(3), which any thread may call as long as the handle lives; the mutex sees to that. It costs several
/// calls of the system, so it is kept for when the thread polls sockets: without transfers it sleeps on a semaphore, and
/// while it is awake it looks here before it sleeps.
@safe final class TransferInbox: @unchecked Sendable {
  /// What the engine's thread does, as far as it must be known here.
  private enum Activity {
    case working, sleeping, polling
  }

  private struct State {
    var jobs: [TransferJob] = []
    var isOpen = true
    /// A caller wants the thread to look at its jobs again.
    var isToLook = false
    var activity = Activity.working

    var hasNews: Bool { !jobs.isEmpty || !isOpen || isToLook }
  }

  private let state = Mutex(State())
  private let awake = Semaphore()
  /// Used by other threads only in `rouse`, under the mutex, and freed after the inbox is closed.
  let multi: UnsafeMutableRawPointer

  init() {
    guard let multi = unsafe curl_multi_init() else { preconditionFailure("no memory for a transfer engine") }
    unsafe self.multi = unsafe multi
  }

  /// Hands a job over; false when the engine is shut down.
  func add(_ job: TransferJob) -> Bool {
    state.withLock { state in
      guard state.isOpen else { return false }
      state.jobs.append(job)
      rouse(&state)
      return true
    }
  }

  /// Makes the thread look at its jobs again.
  func look() {
    state.withLock { state in
      guard state.isOpen else { return }
      state.isToLook = true
      rouse(&state)
    }
  }

  func close() {
    state.withLock { state in
      guard state.isOpen else { return }
      state.isOpen = false
      rouse(&state)
    }
  }

  /// Takes what came in; nil once the inbox is closed, and then finally.
  func take() -> [TransferJob]? {
    state.withLock { state in
      guard state.isOpen else { return nil }
      state.isToLook = false
      defer { state.jobs = [] }
      return state.jobs
    }
  }

  /// Sleeps until something comes in. For the engine's thread alone, while none of its jobs is under way.
  func sleep() {
    if begin(.sleeping) { awake.wait() }
  }

  /// Performs `body`, which waits for sockets, and ends early when something comes in; not at all if that is so already. For
  /// the engine's thread alone.
  func poll(_ body: () -> Void) {
    guard begin(.polling) else { return }
    body()
    state.withLock { $0.activity = .working }
  }

  private func begin(_ activity: Activity) -> Bool {
    state.withLock { state in
      if state.hasNews { return false }
      state.activity = activity
      return true
    }
  }

  /// Takes what came in before the inbox was closed.
  func takeRest() -> [TransferJob] {
    state.withLock { state in
      defer { state.jobs = [] }
      return state.jobs
    }
  }

  /// Closes the inbox and gives the multi handle back, with its idle connections. Once.
  func freeMulti() {
    state.withLock { $0.isOpen = false }
    _ = unsafe curl_multi_cleanup(multi)
  }

  /// Ends what the thread waits in; once is enough.
  private func rouse(_ state: inout State) {
    switch state.activity {
    case .working: return
    case .sleeping: awake.signal()
    case .polling:
      let code = unsafe curl_multi_wakeup(multi)
      precondition(code == CURLM_OK, "the transfer engine cannot be woken: code \(code.rawValue)")
    }
    state.activity = .working
  }
}
