import ImportCore
import ImportSystem

/// Claims the sets that an intake has found complete: records the beginning of the claim, durably, renames the files into
/// `work/`, syncs, records the outcome, and adds the sets to their line. All sets of one call share their syncs.
struct Claims: ClaimTaker {
  let context: CourierContext
  let line: DeliveryLine
  let room: RoomKeeper
  /// Told when the journal has failed: the program must end then.
  let ending: Ending

  func take(_ sets: [CompleteSet], from source: SourceName) async {
    guard await room.hasRoom(), !context.journal.isStopped(source) else { return }
    let underWay = context.journal.namesBeingClaimed(of: source)
    let new = sets.filter { !underWay.contains($0.name) }
    guard !new.isEmpty else { return }
    await claim(
      new.map {
        Taken(set: newID(source, $0.claim), claim: $0.claim, fixedControl: $0.fixedControl)
      })
  }

  func refuse(_ drop: RefusedDrop, from source: SourceName) async {
    guard !context.journal.isStopped(source) else { return }
    guard !context.journal.namesBeingClaimed(of: source).contains(drop.name) else { return }
    let set = newID(source, drop.claim)
    await claim([Taken(set: set, claim: drop.claim, fixedControl: drop.fixedControl, refusal: drop.reason)])
  }

  func cannotTake(_ name: String, from source: SourceName) async { _ = await room.hasRoom() }

  /// A set on its way into `work/`.
  struct Taken: Sendable {
    var set: SetID
    var claim: Claim
    var fixedControl: [UInt8]?
    var refusal: Reason?
  }

  /// Takes sets, and adds them to their line in the order in which they are given.
  private func claim(_ taken: [Taken]) async {
    do {
      try await context.journal.record(taken.map { ($0.set, .claimBegun(claim: $0.claim)) })
      try await finish(taken, await rename(taken))
      await line.add(taken.map(\.set))
    } catch {
      ending.end(because: error)
    }
  }

  private func newID(_ source: SourceName, _ claim: Claim) -> SetID {
    var random = SystemRandomNumberGenerator()
    return SetID(completed: claim.completed, source: source, using: &random)
  }
}
