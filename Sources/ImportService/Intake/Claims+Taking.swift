import ImportCore
import ImportSystem

extension Claims {
  /// Moves the sets and syncs. Returns the outcome of each; nil where the disk refuses: then the set stays as it is recorded,
  /// and its courier finishes the claim as after a crash.
  func rename(_ taken: [Taken]) async -> [ClaimOutcome?] {
    guard let first = taken.first else { return [] }
    do throws(SystemError) {
      return try await context.onDrop(of: first.set.source, "claiming \(first.claim.name)") {
        [spool = context.spool] progress in
        stride(from: 0, to: taken.count, by: ClaimSession.mostSets).flatMap { start in
          Self.rename(taken[start..<min(start + ClaimSession.mostSets, taken.count)], in: spool, progress)
        }
      }
    } catch {
      return taken.map { _ in nil }
    }
  }

  private static func rename(_ part: ArraySlice<Taken>, in spool: Spool, _ progress: WorkProgress)
    -> [ClaimOutcome?]
  {
    var session = ClaimSession(spool)
    let outcomes = part.map {
      try? session.take($0.claim, as: $0.set, fixedControl: $0.fixedControl, progress)
    }
    let isDurable = (try? session.sync()) != nil
    return outcomes.map { $0 == .taken && !isDurable ? nil : $0 }
  }

  /// Records the outcome of each claim.
  func finish(_ taken: [Taken], _ outcomes: [ClaimOutcome?]) async throws {
    for (item, outcome) in zip(taken, outcomes) { try await finish(item, outcome) }
    if outcomes.contains(nil) { _ = await room.hasRoom() }  // which says what all sets will meet
  }

  private func finish(_ item: Taken, _ outcome: ClaimOutcome?) async throws {
    guard let outcome else { return }  // the courier tries again and says why
    try await record(outcome.event, for: item.set)
    guard outcome == .taken, let refusal = item.refusal else { return }
    try await record(.rejected(reason: refusal), for: item.set)
    try await line.haltIfAsked(by: item.set)
  }

  private func record(_ event: DeliveryEvent, for set: SetID) async throws {
    let delivery = try await context.journal.record(event, for: set)
    if let entry = LogEvent(event, delivery, spool: context.spool) { context.log.write(entry) }
    if !delivery.isQueued { await line.queueChanged() }
  }
}
