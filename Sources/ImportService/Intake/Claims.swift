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

  fileprivate struct Taken: Sendable {
    var set: SetID
    var claim: Claim
    var fixedControl: [UInt8]?
    var refusal: Reason?
    var folder: OpenFolder?
  }

  /// Records the claims, durably, renames, syncs, and records what came of it. Where the disk refuses, the set stays as it is
  /// recorded, and its courier finishes the claim as after a crash.
  private func claim(_ taken: [Taken]) async {
    do {
      async let ahead = readAhead(taken)
      try await context.journal.record(taken.map { ($0.set, .claimBegun(claim: $0.claim)) })
      let (outcomes, isRead) = await rename(taken)
      if let ahead = await ahead, isRead, let first = taken.first?.set {
        try await finish(first, ahead)
      } else {
        for (item, outcome) in zip(taken, outcomes) { try await finish(item, outcome) }
      }
      if outcomes.contains(nil) { _ = await room.hasRoom() }  // which says what all sets will meet
      await line.add(taken.map(\.set))
    } catch {
      ending.end(because: error)
    }
  }

  /// Reads a small set that would be begun at once while the disk is busy with its claim. What is read is what the courier
  /// would read right after that: a file that is changed or replaced meanwhile does not look any more as it did when it was
  /// read, which the courier notices when it sends it, and before it schedules the batch.
  private func readAhead(_ taken: [Taken]) async -> ReadAhead? {
    let version = context.settings.changes.version
    guard taken.count == 1, let item = taken.first, let folder = item.smallFolder,
      let control = item.claim.control,
      let inspector = context.inspector(for: line.source), await line.isFree
    else { return nil }
    do throws(SystemError) {
      let outcome = try await context.workers.run { () throws(SystemError) in
        try inspector.inspect(folder, control: control)
      }
      guard case .manifest(let manifest) = outcome else { return nil }
      return ReadAhead(manifest: manifest, files: folder.files, settings: version)
    } catch {
      // The kernel tells of a failed write once; the next reading may find nothing wrong.
      context.log.write(.localFailure(error, set: item.set, purpose: "read"))
      return nil
    }
  }

  /// Returns what became of each, and whether the folder that was read ahead was taken as it was read.
  private func rename(_ taken: [Taken]) async -> ([ClaimOutcome?], Bool) {
    let activity = context.heartbeat.begin("claiming \(taken.first?.claim.name ?? "")")
    defer { activity.end() }
    return await context.workers.run { [spool = context.spool] in
      let parts = stride(from: 0, to: taken.count, by: ClaimSession.mostSets).map {
        taken[$0..<min($0 + ClaimSession.mostSets, taken.count)]
      }
      let outcomes = parts.flatMap { Self.rename($0, in: spool) }
      let isRead = outcomes.first == .taken && taken.first?.smallFolder?.isAsListed == true
      return (outcomes, isRead)
    }
  }

  private static func rename(_ part: ArraySlice<Taken>, in spool: Spool) -> [ClaimOutcome?] {
    let drops = part.compactMap { item in item.folder.map { (item.claim.directory, $0.parent) } }
    var session = ClaimSession(spool, drops: Dictionary(drops) { first, _ in first })
    let outcomes = part.map { try? session.take($0.claim, as: $0.set, fixedControl: $0.fixedControl) }
    let isDurable = (try? session.sync()) != nil
    return outcomes.map { $0 == .taken && !isDurable ? nil : $0 }
  }

  /// Records what was read of a set with its claim, unless it was read by settings that are others now.
  private func finish(_ set: SetID, _ ahead: ReadAhead) async throws {
    guard ahead.settings == context.settings.changes.version else {
      return try await record(.claimed, for: set)
    }
    // Before the record: from then on, a person's decision can hand the set to its line.
    await line.keep(ahead.files, of: set)
    try await record([.claimed, .inspected(manifest: ahead.manifest)], for: set)
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
    try await record([event], for: set)
  }

  private func record(_ events: [DeliveryEvent], for set: SetID) async throws {
    let delivery = try await context.journal.record(events.map { (set, $0) })
    for entry in events.compactMap({ LogEvent($0, delivery, spool: context.spool) }) {
      context.log.write(entry)
    }
    if !delivery.isQueued { await line.queueChanged() }
  }

  private func newID(_ source: SourceName, _ claim: Claim) -> SetID {
    var random = SystemRandomNumberGenerator()
    return SetID(completed: claim.completed, source: source, using: &random)
  }
}

extension Claims.Taken {
  /// Its folder, if the files are few and small enough to be read within the time that the disk takes for the claim.
  fileprivate var smallFolder: OpenFolder? {
    guard refusal == nil, let folder else { return nil }
    return folder.listing.reduce(0) { $0 + $1.status.identity.size } <= 256 << 10 ? folder : nil
  }
}

/// What was read of a set while it was taken.
private struct ReadAhead: Sendable {
  let manifest: Manifest
  /// Its files, open.
  let files: [String: OpenFile]
  /// The version of the settings by which it was read.
  let settings: UInt64
}
