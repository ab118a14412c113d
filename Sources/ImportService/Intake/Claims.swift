import ImportCore
import ImportSystem

/// Takes what an intake has found complete into `work/`, and hands it to the couriers. All sets of one call share their
/// syncs.
struct Claims: ClaimTaker {
  let context: CourierContext
  let line: DeliveryLine
  let room: RoomKeeper
  /// Told when the journal has failed: the program must end then.
  let ending: Ending

  func lookForRoom() -> RoomFinding? { room.look() }

  func take(_ sets: [CompleteSet], from source: SourceName, room found: RoomFinding?) async {
    guard await hasRoom(found), context.journal.control(of: source).isDefault else { return }
    let underWay = context.journal.namesBeingClaimed(of: source)
    let new = sets.filter { !underWay.contains($0.name) }
    guard !new.isEmpty else { return }
    await claim(
      new.map {
        Taken(
          set: newID(source, $0.claim), claim: $0.claim, fixedControl: $0.fixedControl, contents: $0.contents)
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

  fileprivate struct Taken: Sendable {
    var set: SetID
    var claim: Claim
    var fixedControl: [UInt8]?
    var refusal: Reason?
    var contents: [Claim.Item] = []
  }

  /// Records the claims, durably, renames, syncs, and records what came of it. Where the disk refuses, the set stays as it is
  /// recorded, and its courier finishes the claim as after a crash.
  private func claim(_ taken: [Taken]) async {
    do {
      async let ahead: Void = readAhead(taken)
      try await context.journal.record(taken.map { ($0.set, .claimBegun(claim: $0.claim)) })
      let outcomes = await rename(taken)
      await ahead  // from the next record on, a person's decision can hand the set to its line
      for (item, outcome) in zip(taken, outcomes) { try await finish(item, outcome) }
      await line.add(taken.map(\.set))
    } catch {
      ending.end(because: error)
    }
  }

  /// Reads a small set that would be begun at once while the disk is busy with its claim. What is read is what the courier
  /// would read right after that: a file that is changed or replaced meanwhile does not look any more as it did when it was
  /// read, which the courier notices when it sends it, and before it schedules the batch.
  private func readAhead(_ taken: [Taken]) async {
    let version = context.settings.changes.version
    guard taken.count == 1, let item = taken.first, item.isSmallFolder, let control = item.claim.control,
      let inspector = context.inspector(for: line.source), await line.isFree
    else { return }
    let outcome = await context.workers.run { [fileSystem = context.spool.root.fileSystem] in
      let folder = try? fileSystem.openDirectory(item.claim.directory).openDirectory(item.claim.name)
      return folder.flatMap { try? inspector.inspect($0, control: control) }
    }
    guard case .manifest(let manifest)? = outcome else { return }
    await line.keep(manifest, of: item.set, settings: version)
  }

  private func rename(_ taken: [Taken]) async -> [ClaimOutcome?] {
    let activity = context.heartbeat.begin("claiming \(taken.first?.claim.name ?? "")")
    defer { activity.end() }
    return await context.workers.run { [spool = context.spool] () -> [ClaimOutcome?] in
      let outcomes = taken.map { try? spool.take($0.claim, as: $0.set, fixedControl: $0.fixedControl) }
      let claimed = zip(taken, outcomes).filter { $0.1 == .taken }.map { ($0.0.set, $0.0.claim) }
      let isDurable = (try? spool.syncClaims(claimed)) != nil
      return outcomes.map { $0 == .taken && !isDurable ? nil : $0 }
    }
  }

  private func finish(_ item: Taken, _ outcome: ClaimOutcome?) async throws {
    switch outcome {
    case .taken:
      try await record(.claimed, for: item.set)
      if let refusal = item.refusal {
        try await record(.rejected(reason: refusal), for: item.set)
        try await line.haltIfAsked(by: item.set)
      }
    case .withdrawn(let reason): try await record(.claimWithdrawn(reason: reason), for: item.set)
    case .torn(let reason): try await record(.held(reason: reason), for: item.set)
    case nil: break  // the courier tries again and says why
    }
  }

  private func record(_ event: DeliveryEvent, for set: SetID) async throws {
    let delivery = try await context.journal.record(event, for: set)
    if let entry = LogEvent(event, delivery, spool: context.spool) { context.log.write(entry) }
    if !delivery.isQueued { await line.queueChanged() }
  }

  private func newID(_ source: SourceName, _ claim: Claim) -> SetID {
    var random = SystemRandomNumberGenerator()
    return SetID(completed: claim.completed, source: source, using: &random)
  }
}

extension Claims.Taken {
  /// True if its files are few and small enough to be read within the time that the disk takes for the claim.
  fileprivate var isSmallFolder: Bool {
    claim.form == .folder && refusal == nil && contents.count <= 16
      && contents.reduce(0) { $0 + $1.identity.size } <= 256 << 10
  }
}
