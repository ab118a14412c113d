import CCurl
import Synchronization

/// Where callers leave what the engine's thread is to do. The multi handle is the thread's own, but for
/// curl_multi_wakeup(3), which any thread may call as long as the handle lives; the mutex sees to that.
@safe final class TransferInbox: @unchecked Sendable {
  private struct State {
    var jobs: [TransferJob] = []
    var isOpen = true
  }

  private let state = Mutex(State())
  /// Used by other threads only in `wakeUp`, under the mutex, and freed after the inbox is closed.
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
      return wakeUp()
    }
  }

  /// Makes the thread look at its jobs again.
  func look() {
    state.withLock { state in
      if state.isOpen { _ = wakeUp() }
    }
  }

  func close() {
    state.withLock { state in
      guard state.isOpen else { return }
      state.isOpen = false
      _ = wakeUp()
    }
  }

  /// Takes what came in; nil once the inbox is closed, and then finally.
  func take() -> [TransferJob]? {
    state.withLock { state in
      guard state.isOpen else { return nil }
      defer { state.jobs = [] }
      return state.jobs
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

  private func wakeUp() -> Bool {
    let code = unsafe curl_multi_wakeup(multi)
    precondition(code == CURLM_OK, "the transfer engine cannot be woken: code \(code.rawValue)")
    return true
  }
}
