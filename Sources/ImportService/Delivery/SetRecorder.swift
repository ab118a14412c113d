import ImportCore
import ImportRuntime
import ImportStorage

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
