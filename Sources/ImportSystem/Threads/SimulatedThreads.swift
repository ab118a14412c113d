import Synchronization

/// Stands in for the operating system's threads in a simulated run, where one scheduler on one thread decides which job runs
/// next.
public protocol SimulatedThreads: Sendable {
  /// Adds a job that one of `threads` threads of `queue` would perform. Jobs of a queue begin in the order of adding.
  func add(_ job: @escaping @Sendable () -> Void, to queue: ObjectIdentifier, threads: Int)
  /// Adds a loop that would wait for descriptors. `poll` handles those that are ready, without waiting, and returns false once
  /// the loop has ended.
  func add(poll: @escaping @Sendable () -> Bool)
  /// Returns when the simulated monotonic clock shows `deadline`, in nanoseconds, or when the task is cancelled.
  func sleep(until deadline: Int64) async
}

/// Says where threads come from: the operating system, except in a simulated run.
public enum ThreadSupply {
  private static let state = Mutex<(any SimulatedThreads)?>(nil)

  /// The simulation's scheduler; nil in every other program.
  static var simulated: (any SimulatedThreads)? { state.withLock { $0 } }

  /// Lets `threads` stand in for all threads of this process. Must be called before the first of them would be started.
  public static func simulate(_ threads: any SimulatedThreads) { state.withLock { $0 = threads } }
}
