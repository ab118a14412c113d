import ImportCore
import ImportSystem

/// Brings journal and spool together at start, before anything is watched or sent. It is no second way of delivering:
/// it only makes sure that every set in `work/` is known to the journal, and that no upload which may still be running
/// on the server is added to; everything else is done by the loop that always does it.
struct Recovery: Sendable {
  let journal: Journal
  let spool: Spool
  let workers: WorkerPool
  let context: CourierContext
  let settings: CurrentSettings
  let log: any Log

  /// Adopts sets that the journal does not know, and gives up batches in which a file may be half-sent.
  /// Returns all sets that are to be delivered, in the order of arrival.
  func run() async throws -> [SetID] {
    await workers.run { [spool] in spool.removeSpareFolders() }
    try await adoptStrangers()
    try await finishClaims()
    for delivery in journal.deliveries(where: \.hasOpenUpload) {
      try await journal.record(.batchAbandoned(reason: .restarted), for: delivery.set)
    }
    return journal.sets
  }

  private func adoptStrangers() async throws {
    let sets = try await workers.run { [spool] () throws(SystemError) in try spool.setsAtWork() }
    let known = Set(journal.sets)
    for set in sets where !known.contains(set) {
      let claim = try await workers.run { [spool] () throws(SystemError) in try spool.adoptableClaim(set) }
      guard let claim else { continue }
      try await adopt(set, claim)
    }
  }

  /// The intent to schedule is always durable before the call, so a set that an intact journal does not know was
  /// never scheduled; unless it was, left the journal, and was put back here. (Where the journal proves nothing there are
  /// no such sets: ``JournalOpening`` has held them.)
  private func adopt(_ set: SetID, _ claim: Claim) async throws {
    let other = try await workers.run { [spool] () throws(SystemError) in try spool.otherPlace(of: set) }
    try await journal.record(.claimBegun(claim: claim), for: set)
    try await journal.record(.claimed, for: set)
    if let other {
      let held = DeliveryEvent.held(reason: .standsTwice(other))
      let delivery = try await journal.record(held, for: set)
      if let entry = LogEvent(held, delivery, spool: spool) { log.write(entry) }
      return
    }
    log.write(
      LogEvent(.setAdopted).with("set", set).with("source", set.source).with(
        "state", SetState.claimed.rawValue
      )
      .with("reason", "it stood in work/ and the journal did not know it"))
  }

  /// Nanoseconds that the start waits for a drop directory that does not answer.
  private static let patience: Int64 = 10_000_000_000

  /// Finishes what was being claimed, before anything scans the drop directories: files that are still there would be
  /// found as a new set, behind others that came after it. What fails now the set's courier tries again.
  private func finishClaims() async throws {
    let claims = Dictionary(grouping: journal.deliveries { $0.stage == .claiming }, by: \.source)
    try await withThrowingTaskGroup { group in
      for deliveries in claims.values {
        group.addTask {
          for delivery in deliveries where try await !finish(delivery) { return }
        }
      }
      try await group.waitForAll()
    }
  }

  /// False if the source's drop directory does not answer.
  private func finish(_ delivery: Delivery) async throws -> Bool {
    let fixed = delivery.claim.control == nil ? settings.source(delivery.source)?.controlFile : nil
    let outcome: ClaimOutcome
    do throws(SystemError) {
      outcome = try await context.onDrop(
        of: delivery.source, "claim of \(delivery.set)", within: Self.patience
      ) { [spool] progress throws(SystemError) in
        try spool.claim(
          delivery.claim, as: delivery.set, fixedControl: try fixed.map(spool.readFixedControl), progress)
      }
    } catch {
      return !error.isTimeout
    }
    let after = try await journal.record(outcome.event, for: delivery.set)
    if let entry = LogEvent(outcome.event, after, spool: spool) { log.write(entry) }
    return true
  }
}

extension Delivery {
  /// True if a file may have been on its way when the program ended: such a batch must not be added to (PROTOCOL,
  /// "What retrying does").
  var hasOpenUpload: Bool {
    guard case .uploading(_, let uploaded) = stage, let manifest else { return false }
    return !manifest.files.allSatisfy { uploaded.containsExactly($0.key) }
  }
}

extension Reason {
  static let restarted = Reason("the program was restarted while a file may have been on its way")
}
