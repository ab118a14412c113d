import Glibc
import Synchronization

/// Jobs for a few threads of one name. Jobs begin in the order of adding. The queue outlives its owner until its threads have
/// ended.
///
/// The threads are either started together and live until ``close()``, or each one is started when a job finds none idle, and
/// ends after a time without work.
final class JobQueue: Sendable {
  private struct State {
    var jobs: [@Sendable () -> Void] = []
    var first = 0
    var threads = 0
    var idle = 0
  }

  private let name: String
  private let limit: Int
  private let state = Mutex(State())
  private let ready = Semaphore()
  private let simulated = ThreadSupply.simulated

  /// Prepares a queue for at most `threads` threads called `name`; none is started.
  init(name: String, threads: Int) {
    self.name = name
    limit = threads
  }

  // MARK: Threads that are started together

  /// Starts all threads. Each performs `begin` first. A thread does not sleep before its next job when `takesOneMore` says that
  /// a job was added for which no thread was woken.
  func startThreads(
    _ begin: @escaping @Sendable () -> Void = {}, takesOneMore: @escaping @Sendable () -> Bool = { false }
  ) throws(SystemError) {
    guard simulated == nil else { return }
    for _ in 0..<limit {
      do throws(SystemError) {
        try NamedThread.start(name) { [self] in
          begin()
          work(takesOneMore)
        }
      } catch {
        close()
        throw error
      }
      state.withLock { $0.threads += 1 }
    }
  }

  /// Adds a job and wakes a thread for it, unless `isKept`: then the calling thread, one of the queue's own, takes one more job
  /// itself.
  func add(isKept: Bool = false, _ job: @escaping @Sendable () -> Void) {
    if let simulated { return simulated.add(job, to: ObjectIdentifier(self), threads: limit) }
    state.withLock { $0.jobs.append(job) }
    if !isKept { ready.signal() }
  }

  /// Lets each thread end once it finds no job.
  func close() { for _ in 0..<state.withLock({ $0.threads }) { ready.signal() } }

  private func work(_ takesOneMore: () -> Bool) {
    while true {
      if !takesOneMore() { ready.wait() }
      guard let job = state.withLock({ Self.take(&$0) }) else { return }
      job()
    }
  }

  // MARK: Threads that are started when there is work

  /// Adds a job. If no thread is idle and there are fewer than the most, starts one, which ends after `idleTime` nanoseconds
  /// without work.
  ///
  /// - Throws: The system's refusal to start a thread, if the queue has no other. Then no job waits any more.
  func add(startingThreadFor idleTime: Int64, _ job: @escaping @Sendable () -> Void) throws(SystemError) {
    if let simulated { return simulated.add(job, to: ObjectIdentifier(self), threads: limit) }
    let needsThread = state.withLock { state in
      state.jobs.append(job)
      guard state.jobs.count - state.first > state.idle, state.threads < limit else { return false }
      state.threads += 1
      return true
    }
    ready.signal()
    guard needsThread else { return }
    do throws(SystemError) {
      try NamedThread.start(name) { [self] in while let job = next(within: idleTime) { job() } }
    } catch {
      let isAlone = state.withLock { state in
        state.threads -= 1
        guard state.threads == 0 else { return false }
        (state.jobs, state.first) = ([], 0)  // their callers get this very error, or wait for their limit
        return true
      }
      if isAlone { throw error }
    }
  }

  /// Waits for the next job; nil when there was none for the idle time, and the thread is to end.
  private func next(within idleTime: Int64) -> (@Sendable () -> Void)? {
    let deadline = TimerThread.now + idleTime
    while true {
      let job = state.withLock { state in
        let job = Self.take(&state)
        if job == nil { state.idle += 1 }
        return job
      }
      if let job { return job }
      ready.wait(until: deadline)
      let isOver = TimerThread.now >= deadline
      let (last, ends) = state.withLock { state in
        state.idle -= 1
        let last = isOver ? Self.take(&state) : nil
        if isOver, last == nil { state.threads -= 1 }
        return (last, isOver && last == nil)
      }
      if ends { return nil }
      if let last { return last }
    }
  }

  private static func take(_ state: inout State) -> (@Sendable () -> Void)? {
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

/// Connects long work on a worker with its caller: the work reports that it moves, and asks whether its result is still
/// wanted.
public struct WorkProgress: Sendable {
  private let moved: @Sendable () -> Void
  private let isCancelled: @Sendable () -> Bool

  /// Takes what is called at each step: `moved` when the work moves, `isCancelled` whether to stop.
  public init(
    moved: @escaping @Sendable () -> Void = {}, isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    self.moved = moved
    self.isCancelled = isCancelled
  }

  /// For work that nobody watches and nobody cancels.
  public static let unwatched = WorkProgress()

  /// The same work, which reports its steps to somebody else.
  public func reporting(to moved: @escaping @Sendable () -> Void) -> WorkProgress {
    WorkProgress(moved: moved, isCancelled: isCancelled)
  }

  /// Reports one step; true if the caller does not want the result any more.
  public func stepCancels() -> Bool {
    moved()
    return isCancelled()
  }

  /// Reports one step.
  ///
  /// - Throws: ECANCELED (`isCancelled`) if the caller does not want the result any more.
  public func step(_ object: @autoclosure () -> String = "") throws(SystemError) {
    if stepCancels() { throw SystemError(call: "read", object: quoted(object()), errno: ECANCELED) }
  }
}
