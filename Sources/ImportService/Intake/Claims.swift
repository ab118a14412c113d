import ImportCore
import ImportSystem

/// Takes what an intake has found complete into `work/`, and hands it to the couriers. All sets of one call share their
/// syncs; one that comes alone is handed over before its own are done (``takeAlone(_:_:)``).
struct Claims: ClaimTaker {
  let context: CourierContext
  let line: DeliveryLine
  let room: RoomKeeper
  let spare: SpareFolder
  /// Told when the journal has failed: the program must end then.
  let ending: Ending

  func lookForRoom() -> RoomFinding? { room.look() }

  func take(_ sets: [CompleteSet], from source: SourceName, _ atHand: AtHand) async {
    guard await hasRoom(atHand.room), context.journal.control(of: source).isDefault else { return }
    let underWay = context.journal.namesBeingClaimed(of: source)
    let new = sets.filter { !underWay.contains($0.name) }
    guard !new.isEmpty else { return }
    await claim(
      new.map {
        Taken(
          set: newID(source, $0.claim), claim: $0.claim, fixedControl: $0.fixedControl,
          folder: sets.count == 1 ? atHand.folder : nil)
      })
  }

  private func hasRoom(_ found: RoomFinding?) async -> Bool {
    if let found { await room.hasRoom(found) } else { await room.hasRoom() }
  }

  func refuse(_ drop: RefusedDrop, from source: SourceName) async {
    guard context.journal.control(of: source).isDefault else { return }
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
    var folder: OpenFolder?

    /// Its folder, if that can be read ahead.
    var smallFolder: OpenFolder? { refusal == nil && folder?.isSmall == true ? folder : nil }
  }

  /// Takes sets, and adds them to their line in the order in which they are given.
  private func claim(_ taken: [Taken]) async {
    do {
      if taken.count == 1, let folder = taken[0].smallFolder, context.journal.waiting == 0 {
        try await takeAlone(taken[0], folder)
      } else {
        try await takeTogether(taken)
      }
    } catch {
      ending.end(because: error)
    }
  }

  private func newID(_ source: SourceName, _ claim: Claim) -> SetID {
    var random = SystemRandomNumberGenerator()
    return SetID(completed: claim.completed, source: source, using: &random)
  }
}
