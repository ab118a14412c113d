import ImportCore
import ImportSystem

/// Sets that come together, or while others are on their way.
extension Claims {
  /// Records the claims, durably, renames, syncs, and records what came of it. Where the disk refuses, the set stays as it is
  /// recorded, and its courier finishes the claim as after a crash.
  func takeTogether(_ taken: [Taken]) async throws {
    async let ahead = readAhead(taken)
    try await begin(taken)
    let (outcomes, isRead) = await rename(taken)
    if let ahead = await ahead, isRead, isCurrent(ahead), let set = taken.first?.set {
      try await finish(set, ahead, once: [])
    } else {
      try await finish(taken, outcomes)
    }
    await line.add(taken.map(\.set))
  }

  private func readAhead(_ taken: [Taken]) async -> ReadAhead? {
    guard taken.count == 1, let item = taken.first, let folder = item.smallFolder else { return nil }
    return await readAhead(item, folder, syncs: true)
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
    var session = ClaimSession(spool, part)
    let outcomes = part.map { session.take($0) }
    let isDurable = (try? session.sync()) != nil
    return outcomes.map { $0 == .taken && !isDurable ? nil : $0 }
  }
}

/// What is recorded of a claim.
extension Claims {
  /// Durable on return, before anything is renamed.
  func begin(_ taken: [Taken]) async throws {
    try await context.journal.record(taken.map { ($0.set, .claimBegun(claim: $0.claim)) })
  }

  /// Records what was read of a set with its claim.
  func finish(_ set: SetID, _ ahead: ReadAhead, once prerequisites: [Prerequisite]) async throws {
    // Before the record: from then on, a person's decision can hand the set to its line.
    await line.keep(ahead.files, of: set)
    try await record([.claimed, .inspected(manifest: ahead.manifest)], for: set, once: prerequisites)
  }

  /// Records what became of each claim; nil is what the disk refused.
  func finish(_ taken: [Taken], _ outcomes: [ClaimOutcome?]) async throws {
    for (item, outcome) in zip(taken, outcomes) { try await finish(item, outcome) }
    if outcomes.contains(nil) { _ = await room.hasRoom() }  // which says what all sets will meet
  }

  private func finish(_ item: Taken, _ outcome: ClaimOutcome?) async throws {
    guard let outcome else { return }  // the courier tries again and says why
    try await record([outcome.event], for: item.set)
    guard outcome == .taken, let refusal = item.refusal else { return }
    try await record([.rejected(reason: refusal)], for: item.set)
    try await line.haltIfAsked(by: item.set)
  }

  private func record(_ events: [DeliveryEvent], for set: SetID, once prerequisites: [Prerequisite] = [])
    async throws
  {
    let delivery = try await context.journal.record(events.map { (set, $0) }, once: prerequisites)
    for entry in events.compactMap({ LogEvent($0, delivery, spool: context.spool) }) {
      context.log.write(entry)
    }
    if !delivery.isQueued { await line.queueChanged() }
  }
}

extension ClaimSession {
  /// Begins with the drop directories that are open already.
  init(_ spool: Spool, _ taken: some Sequence<Claims.Taken>, spare: SpareFolder? = nil) {
    let drops = taken.compactMap { item in item.folder.map { (item.claim.directory, $0.parent) } }
    self.init(spool, drops: Dictionary(drops) { first, _ in first }, spare: spare)
  }

  /// Takes a set; nil if the disk refuses.
  mutating func take(_ item: Claims.Taken) -> ClaimOutcome? {
    try? take(item.claim, as: item.set, fixedControl: item.fixedControl)
  }
}
