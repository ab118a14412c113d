import ImportCore
import ImportSystem

/// A small set that comes while no other is on its way.
extension Claims {
  /// Takes the set as ``takeTogether(_:)`` does, but hands it over as soon as it stands in `work/` and has been read, so that
  /// its first requests go out while the disk is still busy with it; the very first is ready by then. The journal's file says nothing of that before it is on the
  /// disk, and nothing is scheduled before the file says so (docs/decisions/0014-sending-while-the-claim-is-synced.md).
  /// Without room everything waits for the sync; after any other failure of it the journal cannot go on, and the program ends.
  func takeAlone(_ item: Taken, _ folder: OpenFolder) async throws {
    let goAhead = GoAhead()
    let version = context.settings.changes.version
    let begun = try await context.journal.begin(.claimBegun(claim: item.claim), for: item.set)
    async let readyToGo = makeReady(item, folder, by: version, once: goAhead)
    let taken = try await rename(item, folder, onceDurable: begun, by: version, goAhead)
    let session = taken.session
    let (ahead, first) = await readyToGo
    guard let ahead, taken.isAsListed, isCurrent(ahead) else {
      if let first { await line.withdraw(first) }
      let isDurable = await context.workers.run { (try? session.sync()) != nil }
      try await finish([item], [taken.outcome == .taken && !isDurable ? nil : taken.outcome])
      await line.add([item.set])
      return await context.workers.run { session.prepareNext() }
    }
    let synced = Prerequisite()
    let failure: (any Error)?
    do {
      try await finish(item.set, ahead, once: [synced])
      await line.add([item.set])
      failure = nil
    } catch {
      failure = error
    }
    context.journal.settle(synced, await sync(session, ahead, of: item))
    if let failure { throw failure }
    await context.workers.run { session.prepareNext() }
  }

  /// Reads the set, and makes ready what it asks first.
  private func makeReady(
    _ item: Taken, _ folder: OpenFolder, by version: UInt64, once goAhead: GoAhead
  ) async -> (ReadAhead?, FirstRequest?) {
    guard let ahead = await readAhead(item, folder, syncs: false) else { return (nil, nil) }
    let courier = Courier(context: context, line: line, set: item.set)
    guard ahead.settings == version,
      let first = await courier.firstRequest(ahead.manifest, by: version, once: goAhead),
      await line.makeReady(first)
    else { return (ahead, nil) }
    return (ahead, first)
  }

  /// What became of a set that was to be taken.
  private struct Renamed: Sendable {
    let session: ClaimSession
    let outcome: ClaimOutcome?
    /// Whether its folder held just what was listed after that.
    let isAsListed: Bool
  }

  /// Has a worker take the set as soon as the beginning of its claim is durable, without a task in between.
  private func rename(
    _ item: Taken, _ folder: OpenFolder, onceDurable begun: Int64, by version: UInt64, _ goAhead: GoAhead
  ) async throws(JournalFailure) -> Renamed {
    let result: Result<Renamed, JournalFailure> = await withCheckedContinuation { continuation in
      context.journal.whenDurable(upTo: begun) { failure in
        if let failure { return continuation.resume(returning: .failure(failure)) }
        // From here on: workers that hang keep it from beginning.
        let activity = context.heartbeat.begin("claiming \(item.claim.name)")
        context.workers.start {
          let renamed = rename(item, folder, by: version, goAhead)
          activity.end()
          continuation.resume(returning: .success(renamed))
        }
      }
    }
    return try result.get()
  }

  /// Takes the set. Then what it asks first may go out, unless other settings have come into force or the source was stopped. Blocks.
  private func rename(_ item: Taken, _ folder: OpenFolder, by version: UInt64, _ goAhead: GoAhead) -> Renamed
  {
    var session = ClaimSession(context.spool, [item], spare: spare)
    let outcome = session.take(item)
    let isAsListed = outcome == .taken && folder.isAsListed
    let mayAsk =
      context.settings.changes.version == version && context.journal.control(of: item.set.source).isDefault
    if isAsListed, mayAsk { goAhead.give() } else { goAhead.refuse() }
    return Renamed(session: session, outcome: outcome, isAsListed: isAsListed)
  }

  /// Makes the claim and what was read durable, waiting for room if there is none; returns why that failed. A file of which the
  /// kernel has said once that it could not be written is believed the second time, as wherever a set is read again.
  private func sync(_ session: ClaimSession, _ ahead: ReadAhead, of item: Taken) async -> SystemError? {
    let activity = context.heartbeat.begin("syncing the claim of \(item.set)")
    defer { activity.end() }
    var hasSaidSo: Bool?
    while let error = await trySync(session, ahead) {
      guard error.isNoSpace else { return error }
      if hasSaidSo == nil { hasSaidSo = await tellOfShortage(error, item) }
      activity.progress()
      guard await context.journal.waitForRoomElsewhere() else { return error }
    }
    if hasSaidSo == true { tellOfRoom(item) }
    return nil
  }

  /// Says so, unless it is said because nothing new is taken; returns whether it did.
  private func tellOfShortage(_ error: SystemError, _ item: Taken) async -> Bool {
    guard await room.hasRoom() else { return false }
    context.log.write(
      LogEvent(.diskFull, "no room for what was taken: everything waits until there is").with("set", item.set)
        .with("source", item.set.source).with("reason", error)
        .with("remedy", "make room there; it goes on by itself"))
    return true
  }

  private func tellOfRoom(_ item: Taken) {
    context.log.write(
      LogEvent(.diskHasRoom, "what was taken is on the disk").with("set", item.set)
        .with("source", item.set.source))
  }

  private func trySync(_ session: ClaimSession, _ ahead: ReadAhead) async -> SystemError? {
    do throws(SystemError) {
      try await context.workers.run { () throws(SystemError) in
        try session.sync()
        try ahead.sync()
      }
      return nil
    } catch {
      return error
    }
  }
}
