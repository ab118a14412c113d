import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem

/// Brings journal and spool together at start, before anything is watched or sent. It is no second way of delivering:
/// it only finishes claims, and sees to it that no upload which may still be running on the server is added to; everything
/// else is done by the loop that always does it. (``JournalOpening`` has held what the journal does not know.)
struct Recovery: Sendable {
  let recorder: SetRecorder
  let blocking: BlockingWork
  let settings: CurrentSettings

  private var journal: Journal { recorder.journal }

  /// Finishes claims that a crash has interrupted, and gives up batches in which a file may be half-sent.
  /// Returns all sets that are to be delivered, in the order of arrival.
  func run() async throws -> [SetID] {
    await blocking.workers.run { [spool = recorder.spool] in spool.removeSpareFolders() }
    try await finishClaims()
    for delivery in journal.deliveries(where: \.hasOpenUpload) {
      try await journal.record(.batchAbandoned(reason: .restarted), for: delivery.set)
    }
    return journal.sets
  }

  /// Nanoseconds that the start waits for a drop directory that does not answer.
  private static let patience: Int64 = 10_000_000_000

  /// Finishes what was being claimed, before anything scans the drop directories: files that are still there would be
  /// found as a new set, behind others that came after it. What fails now the set's courier tries again.
  private func finishClaims() async throws {
    let claims = Dictionary(grouping: journal.deliveries { $0.stage == .claiming }, by: \.source)
    try await withThrowingTaskGroup { group in
      for deliveries in claims.values {
        group.addTask { for delivery in deliveries where try await !finish(delivery) { return } }
      }
      try await group.waitForAll()
    }
  }

  /// False if the source's drop directory does not answer.
  private func finish(_ delivery: Delivery) async throws -> Bool {
    let fixed = delivery.claim.control == nil ? settings.source(delivery.source)?.controlFile : nil
    let outcome: ClaimOutcome
    do throws(SystemError) {
      outcome = try await blocking.onDrop(
        of: delivery.source, "claim of \(delivery.set)", within: Self.patience
      ) { [spool = recorder.spool] progress throws(SystemError) in
        try spool.claim(
          delivery.claim, as: delivery.set, fixedControl: try fixed.map(spool.readFixedControl), progress)
      }
    } catch {
      return !error.isTimeout
    }
    try await recorder.record(outcome.event, for: delivery.set)
    return true
  }
}

extension Delivery {
  /// True if a file may have been on its way when the program ended: such a batch must not be added to (docs/server.md,
  /// "What retrying does").
  var hasOpenUpload: Bool {
    guard case .uploading(_, let uploaded) = stage, let manifest else { return false }
    return !manifest.files.allSatisfy { uploaded.containsExactly($0.key) }
  }
}

extension Reason {
  static let calledBack = Reason(
    "the set's upload was interrupted for a decision while a file may have been on its way")
  static let restarted = Reason("the program was restarted while a file may have been on its way")
}
