import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem

/// The tools of a courier, for nobody else.
struct CourierTools: Sendable {
  let recorder: SetRecorder
  let settings: CurrentSettings
  let time: any Time
  let blocking: BlockingWork
  let local: LocalWork
  let requests: SetRequests
  let notices: NoticeBoard
  let results: ResultFiles

  /// Takes the parts, and makes from them what only couriers have.
  init(
    recorder: SetRecorder, settings: CurrentSettings, time: any Time, blocking: BlockingWork,
    local: LocalWork, notices: NoticeBoard
  ) {
    self.recorder = recorder
    self.settings = settings
    self.time = time
    self.blocking = blocking
    self.local = local
    self.notices = notices
    requests = SetRequests(
      settings: settings, heartbeat: blocking.heartbeat, time: time, batches: SeenBatches(recorder.journal))
    results = ResultFiles(blocking: blocking, fileSystem: recorder.spool.root.fileSystem, log: recorder.log)
  }
}

/// Records what happens to sets, and tells the log.
struct SetRecorder: Sendable {
  let journal: Journal
  let log: any Log
  /// For the paths that the log names.
  let spool: Spool

  /// Records an event, durable on return where it must be. With `followsJob` the job of a set that is scheduled by it is
  /// read to its end.
  ///
  /// - Returns: The set as it is afterwards.
  /// - Throws: ``JournalFailure``.
  @discardableResult
  func record(_ event: DeliveryEvent, for set: SetID, followsJob: Bool = false) async throws -> Delivery {
    let delivery =
      followsJob
      ? try await journal.recordFollowingJob(event, for: set) : try await journal.record(event, for: set)
    if let entry = LogEvent(event, delivery, spool: spool) { log.write(entry) }
    return delivery
  }
}

/// Leaves result files where exporters can see them.
struct ResultFiles: Sendable {
  let blocking: BlockingWork
  let fileSystem: FileSystem
  let log: any Log

  /// Nanoseconds that a result file waits for a drop directory that does not answer.
  private static let patienceWithDrop: Int64 = 30_000_000_000

  /// Leaves a result in a source's drop directory. Nothing depends on it: what stands in the way is only logged.
  func leave(_ result: ResultFile, for set: SetID, in source: SourceSettings) async {
    do {
      try await blocking.onDrop(of: set.source, "the result file of \(set)", within: Self.patienceWithDrop) {
        [fileSystem] _ throws(SystemError) in
        try result.write(in: fileSystem.openDirectory(source.directory, for: "result"))
      }
    } catch {
      log.write(
        LogEvent(.resultNotWritten, "result file not written").with("set", set).with("source", set.source)
          .with("reason", error).with(
            "remedy",
            "let the daemon's user write in '\(source.directory)/\(ResultFile.folder)': a tmpfiles.d line makes it"
          ))
    }
  }
}

/// Work on a set's files that needs no server. What the disk refuses is tried again for as long as it takes, for nothing may be
/// lost because a disk was full.
struct LocalWork: Sendable {
  let journal: Journal
  let log: any Log
  let time: any Time
  var obstacles = SetObstacles()
  /// False for a command that ends: what the disk refuses is tried once, and left for the next start.
  var isPatient = true

  /// Repeats local work every 10 s until it succeeds, and logs once why it does not. A failure that the set itself causes
  /// ends it after `tries`.
  ///
  /// - Throws: ``SystemError`` after that many tries; ``UnfinishedWork`` after one for a command that ends;
  ///   `CancellationError`.
  func untilDone<Value: Sendable>(
    _ purpose: String, of set: SetID, atMost tries: Int = .max, _ body: () async throws(SystemError) -> Value
  ) async throws -> Value {
    while true {
      let failure: SystemError
      do throws(SystemError) {
        let value = try await body()
        obstacles.clear(set)
        return value
      } catch {
        failure = error
      }
      if failure.isCancelled { throw CancellationError() }
      guard isPatient else { throw UnfinishedWork(error: failure) }
      let count = obstacles.note(failure, purpose, of: set, at: time.now)
      if count == 1 { log.write(.localFailure(failure, set: set, purpose: purpose)) }
      if count == SetObstacles.passingTries {
        log.write(
          LogEvent(.setObstructed).with("set", set).with("source", set.source).with("purpose", purpose)
            .with("reason", failure))
        journal.changes.signal()  // 'once' looks whether anything else can go on
      }
      if count >= tries, !failure.isOfSurroundings {
        obstacles.clear(set)
        throw failure
      }
      try await time.sleep(for: .seconds(10))
    }
  }
}

/// Local work that the disk refused to a command that ends. It is left for the next start.
struct UnfinishedWork: Error {
  let error: SystemError
}

extension LogEvent {
  static func localFailure(_ error: SystemError, set: SetID, purpose: String) -> LogEvent {
    LogEvent(error.isNoSpace ? .diskFull : .inputOutputError)
      .with("set", set).with("source", set.source).with("purpose", purpose).with("reason", error)
      .with("remedy", "it is tried again every 10 s until the cause is gone")
  }
}
