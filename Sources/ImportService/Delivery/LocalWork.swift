import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem

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
