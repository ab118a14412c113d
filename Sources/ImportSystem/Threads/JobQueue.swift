import Synchronization

/// Work that waits for one of a few threads. It outlives its owner until the threads have ended.
final class JobQueue: Sendable {
  private struct State {
    var jobs: [@Sendable () -> Void] = []
    var first = 0
    var threads = 0
    var isClosed = false
  }

  private let state = Mutex(State())
  private let ready = Semaphore()

  func setThreads(_ count: Int) { state.withLock { $0.threads = count } }

  /// Adds a job and wakes a thread for it; unless the calling thread is one of the queue's own and `isKept`, for then it
  /// takes one more job itself (``work(takesOneMore:)``).
  func add(isKept: Bool = false, _ job: @escaping @Sendable () -> Void) {
    state.withLock { $0.jobs.append(job) }
    if !isKept { ready.signal() }
  }

  /// Lets each thread end once it finds nothing left to do.
  func close() {
    let threads = state.withLock { state in
      state.isClosed = true
      return state.threads
    }
    for _ in 0..<threads { ready.signal() }
  }

  /// Does what comes until the pool is closed: the life of one thread. It does not sleep before the next job when
  /// `takesOneMore` says that one was added for which nobody was woken.
  func work(takesOneMore: () -> Bool = { false }) {
    while true {
      if !takesOneMore() { ready.wait() }
      guard let job = take() else { return }
      job()
    }
  }

  private func take() -> (@Sendable () -> Void)? {
    state.withLock { state in
      guard state.first < state.jobs.count else { return nil }
      let job = state.jobs[state.first]
      state.first += 1
      if state.first == state.jobs.count || state.first > 1000 {
        state.jobs.removeFirst(state.first)
        state.first = 0
      }
      return job
    }
  }
}
