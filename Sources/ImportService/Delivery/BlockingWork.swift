import ImportCore
import ImportRuntime
import ImportSystem

/// The threads for work that may block, all of it watched by the heartbeat. What a source's drop directory or files hold up,
/// they hold up for that source alone.
struct BlockingWork: Sendable {
  /// Everything on a drop directory, which may be a network mount that hangs: one call at a time for each source.
  private let drops = LaneWorkers(name: "haplo-drop", threadsPerLane: 1)
  /// Long reads of sets in the spool.
  private let readers = LaneWorkers(name: "haplo-reader")
  /// Short work in the spool and the state directory.
  let workers: WorkerPool
  let heartbeat: Heartbeat

  /// Performs work on a source's drop directory. If it hangs, nothing but this source waits.
  func onDrop<Value: Sendable>(
    of source: SourceName, _ name: String, within limit: Int64? = nil,
    _ body: @escaping @Sendable (WorkProgress) throws(SystemError) -> Value
  ) async throws(SystemError) -> Value {
    try await drops.run(in: "the drop directory of \(source)", within: limit) {
      [heartbeat] progress throws(SystemError) in
      // From here on: waiting for the thread is no work.
      let activity = heartbeat.begin(name, isIsolated: true)
      defer { activity.end() }
      return try body(progress.reporting(to: activity.progress))
    }
  }

  /// Performs a long read for a source. Each source has its own share of threads.
  func onReader<Value: Sendable>(
    of source: SourceName, _ name: String,
    _ body: @escaping @Sendable (WorkProgress) throws(SystemError) -> Value
  ) async throws(SystemError) -> Value {
    try await readers.run(in: "a reader of \(source)") { [heartbeat] progress throws(SystemError) in
      let activity = heartbeat.begin(name)
      defer { activity.end() }
      return try body(progress.reporting(to: activity.progress))
    }
  }

  /// Performs short work in the spool.
  func onWorker<Value: Sendable>(
    _ name: String, _ body: @escaping @Sendable () throws(SystemError) -> Value
  ) async throws(SystemError) -> Value {
    try await workers.run { [heartbeat] () throws(SystemError) in
      let activity = heartbeat.begin(name)
      defer { activity.end() }
      return try body()
    }
  }

  /// Reads the configuration and the files that it names, on a thread of its own: they may be on a mount that hangs.
  func onConfiguration<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async throws(SystemError)
    -> Value
  {
    try await readers.run(in: "the configuration") { [heartbeat] _ throws(SystemError) in
      let activity = heartbeat.begin("reading the configuration", isIsolated: true)
      defer { activity.end() }
      return body()
    }
  }
}
