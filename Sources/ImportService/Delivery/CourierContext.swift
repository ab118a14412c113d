import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem

/// What the couriers of all sources work with.
struct CourierContext: Sendable {
  var journal: Journal
  var spool: Spool
  var workers: WorkerPool
  var time: any Time
  var log: any Log
  var heartbeat: Heartbeat
  var uploads: SharedUploads
  var batches: SeenBatches
  var running = RunningUploads()
  var settings: CurrentSettings
  var notices: NoticeBoard
  /// Everything on a drop directory, which may be a network mount that hangs: one call at a time for each source.
  var drops = LaneWorkers(name: "haplo-drop", threadsPerLane: 1)
  /// Long reads of sets in the spool.
  var readers = LaneWorkers(name: "haplo-reader")
  var obstacles = SetObstacles()
  /// False for a command that ends: what the disk refuses is tried once, and left for the next start.
  var isPatient = true
}

extension CourierContext {
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
}

extension CourierContext {
  /// Reads sets as their source wants it now; nil if that is not in the configuration any more.
  func inspector(for source: SourceName) -> Inspector? {
    settings.source(source).map { source in
      Inspector(
        spool: spool, rules: IntakeRules(source), check: source.check,
        readerLimit: settings.configuration.server.readerLimit, recordKeys: source.guards.recordKeys)
    }
  }
}

extension CourierContext {
  /// Nanoseconds that a result file waits for a drop directory that does not answer.
  private static let patienceWithDrop: Int64 = 30_000_000_000

  /// Leaves a result in a source's drop directory. Nothing depends on it: what stands in the way is only logged.
  func leave(_ result: ResultFile, for set: SetID, in source: SourceSettings) async {
    do {
      try await onDrop(of: set.source, "the result file of \(set)", within: Self.patienceWithDrop) {
        [fileSystem = spool.root.fileSystem] _ throws(SystemError) in
        try result.write(in: fileSystem.openDirectory(source.directory, for: "result"))
      }
    } catch {
      log.write(
        LogEvent(.resultNotWritten, "result file not written").with("set", set)
          .with("source", set.source).with("reason", error)
          .with(
            "remedy",
            "let the daemon's user write in '\(source.directory)/\(ResultFile.folder)': a tmpfiles.d line makes it"
          ))
    }
  }
}
