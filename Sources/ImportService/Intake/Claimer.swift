import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem

/// Claims the sets that an intake has found complete: records the beginning of the claim, durably, renames the files into
/// `work/`, syncs, records the outcome, and adds the sets to their line. All sets of one call share their syncs.
struct Claimer: SetClaiming {
  let recorder: SetRecorder
  let blocking: BlockingWork
  let line: DeliveryLine
  let room: RoomKeeper
  /// Told when the journal has failed: the program must end then.
  let ending: Ending

  func claim(_ sets: [CompleteSet], from source: SourceName) async -> [String] {
    guard await room.hasRoom(), !recorder.journal.isStopped(source) else { return [] }
    let underWay = Set(recorder.journal.namesBeingClaimed(of: source).map { ExactText($0) })
    let new = sets.filter { !underWay.contains(ExactText($0.name)) }
    guard !new.isEmpty else { return [] }
    return await claim(
      new.map { Pending(set: newID(source, $0.claim), claim: $0.claim, fixedControl: $0.fixedControl) })
  }

  func refuse(_ drop: RefusedDrop, from source: SourceName) async {
    guard !recorder.journal.isStopped(source) else { return }
    guard !recorder.journal.namesBeingClaimed(of: source).containsExactly(drop.name) else { return }
    let set = newID(source, drop.claim)
    _ = await claim([
      Pending(set: set, claim: drop.claim, fixedControl: drop.fixedControl, refusal: drop.reason)
    ])
  }

  func cannotTake(_ name: String, from source: SourceName) async { _ = await room.hasRoom() }

  /// A set on its way into `work/`.
  private struct Pending: Sendable {
    var set: SetID
    var claim: Claim
    var fixedControl: [UInt8]?
    var refusal: Reason?
  }

  private func newID(_ source: SourceName, _ claim: Claim) -> SetID {
    var random = SystemRandomNumberGenerator()
    return SetID(completed: claim.completed, source: source, using: &random)
  }

  /// Returns the names of the sets that were withdrawn.
  private func claim(_ sets: [Pending]) async -> [String] {
    do {
      try await recorder.journal.record(sets.map { ($0.set, .claimBegun(claim: $0.claim)) })
      let outcomes = await rename(sets)
      for (item, outcome) in zip(sets, outcomes) { try await finish(item, outcome) }
      if outcomes.contains(nil) { _ = await room.hasRoom() }  // which says what all sets will meet
      await line.add(sets.map(\.set))
      return zip(sets, outcomes).filter { $1?.isWithdrawn == true }.map(\.0.claim.name)
    } catch {
      ending.end(because: error)
      return []
    }
  }

  /// Moves the sets and syncs. Returns the outcome of each; nil where the disk refuses: then the set stays as it is recorded,
  /// and its courier finishes the claim as after a crash.
  private func rename(_ sets: [Pending]) async -> [ClaimOutcome?] {
    guard let first = sets.first else { return [] }
    do throws(SystemError) {
      return try await blocking.onDrop(of: first.set.source, "claiming \(first.claim.name)") {
        [spool = recorder.spool] progress in
        stride(from: 0, to: sets.count, by: ClaimSession.mostSets).flatMap { start in
          Self.rename(sets[start..<min(start + ClaimSession.mostSets, sets.count)], in: spool, progress)
        }
      }
    } catch {
      return sets.map { _ in nil }
    }
  }

  private static func rename(_ part: ArraySlice<Pending>, in spool: Spool, _ progress: WorkProgress)
    -> [ClaimOutcome?]
  {
    var session = ClaimSession(spool)
    let outcomes = part.map {
      try? session.take($0.claim, as: $0.set, fixedControl: $0.fixedControl, progress)
    }
    let isDurable = (try? session.sync()) != nil
    return outcomes.map { $0 == .taken && !isDurable ? nil : $0 }
  }

  private func finish(_ item: Pending, _ outcome: ClaimOutcome?) async throws {
    guard let outcome else { return }  // the courier tries again and says why
    try await record(outcome.event, for: item.set)
    guard outcome == .taken, let refusal = item.refusal else { return }
    try await record(.rejected(reason: refusal), for: item.set)
    try await line.haltIfAsked(by: item.set)
  }

  private func record(_ event: DeliveryEvent, for set: SetID) async throws {
    let delivery = try await recorder.record(event, for: set)
    if !delivery.isQueued { line.queueChanged() }
  }
}
