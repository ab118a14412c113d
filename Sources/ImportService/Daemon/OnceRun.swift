import HaploAPI
import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem

/// The work of `once`: until nothing more can be done now.
struct OnceRun: Sendable {
  let journal: Journal
  let settings: CurrentSettings
  let obstacles: SetObstacles
  let register: SourceRegister
  let outcomes: OutcomeReader
  let alarms: Alarms
  let fileSystem: FileSystem
  let time: any Time

  /// Ends, by throwing ``Finished/done``, when nothing more can be done now: whatever is left is incomplete, deferred,
  /// behind a deferred one, or waits for a person or the server's good will.
  func workUntilDone() async throws {
    for work in await register.all {
      await work.intake.settled()
      if let rival = await work.intake.rival { throw rival }
    }
    var last: SetID?
    var rounds = LimitRounds()
    while true {
      try Task.checkCancellation()
      let seen = journal.changes.version
      last = await firstThatCanGoOn(last)
      if last == nil, await isAtRest(since: seen) {
        if await isLimitGone(&rounds) { continue }
        try await alarms.tell()
        throw Finished.done
      }
      await journal.changes.wait(after: seen)
    }
  }

  /// How far the work was when a limit of this process was last met.
  private struct LimitRounds {
    static let most = 100
    var number = 0
    var hits = 0
    var version: UInt64?
  }

  /// Scans all drop directories once more if a limit of this process (such as of open files) kept something from being
  /// read, and other sets have been finished since: they do not need their descriptors any more. False if there is nothing
  /// to look for, or no progress.
  private func isLimitGone(_ rounds: inout LimitRounds) async -> Bool {
    let hits = fileSystem.limits.count
    guard hits > rounds.hits else { return false }
    let version = journal.changes.version
    rounds.number += 1
    guard rounds.version != version, rounds.number <= LimitRounds.most else {
      fileSystem.limits.hasLeftWork = true
      return false
    }
    (rounds.hits, rounds.version) = (hits, version)
    let works = await register.all
    for work in works { work.intake.rescan() }
    for work in works { await work.intake.settled() }
    return true
  }

  /// True if nothing has gone on since `seen`, a version of the journal's changes, nor is about to, so that what was
  /// found about the sets one by one still holds: a set that is done with may still have the place of one that waits.
  func isAtRest(since seen: UInt64) async -> Bool {
    guard await !register.isGivingPlace else { return false }
    return journal.changes.version == seen
  }

  /// Moves sets to where they belong for which nothing else is left to do, reads the outcomes of jobs that have ended by now,
  /// and then throws ``Finished/done``: the end of the work lets a schedule call have its answer, but no step after it.
  func finish() async throws {
    for delivery in journal.deliveries where isSettled(delivery) {
      try await deliverUnlessObstructed(delivery.set)
    }
    try await outcomes.readOnce()
    throw Finished.done
  }

  /// Delivers a set, but ends when work on its files keeps failing.
  private func deliverUnlessObstructed(_ set: SetID) async throws {
    let (obstacles, journal) = (obstacles, journal)
    try await withThrowingTaskGroup { group in
      group.addTask { try await register.deliver(set) }
      group.addTask {
        while !obstacles.obstruct(set), !Task.isCancelled {
          let seen = journal.changes.version
          if obstacles.obstruct(set) { return }
          await journal.changes.wait(after: seen)
        }
      }
      do { try await group.next() } catch is CancellationError {}
      group.cancelAll()
      do { try await group.waitForAll() } catch is CancellationError {}
    }
    try Task.checkCancellation()
  }

  private func isSettled(_ delivery: Delivery) -> Bool {
    if obstacles.obstruct(delivery.set) { return false }
    let holdAfter = settings.holdAfter(of: delivery.source)
    return switch delivery.nextStep(now: time.now, holdAfter: holdAfter) {
    case .archive, .moveToRejected, .moveToHeld, .remove: true
    default: false
    }
  }

  /// The set that went on last is asked first, and then those whose turn it is, or each record would have all that wait looked
  /// through.
  func firstThatCanGoOn(_ last: SetID?) async -> SetID? {
    for set in [last]
      + settings.configuration.sources.map({ journal.head(of: $0.name, $0.order) })
    {
      if let set, let delivery = journal.delivery(set), await canGoOn(delivery) { return set }
    }
    for delivery in journal.deliveries where await canGoOn(delivery) { return delivery.set }
    return nil
  }

  private func canGoOn(_ delivery: Delivery) async -> Bool {
    let now = time.now
    guard let source = settings.source(delivery.source), await register.mayBegin(delivery.set) else {
      return false
    }
    if obstacles.obstruct(delivery.set) { return false }
    let isStopped = journal.isStopped(delivery.source)
    switch delivery.nextStep(now: now, holdAfter: settings.holdAfter(of: delivery.source)) {
    case nil, .wait: return false
    // Whoever waits for the server keeps a slot, so nobody else is read then.
    case .schedule:
      guard journal.outdated == nil else { return false }
      return await settings.server?.gate.mayAsk ?? false
    case .inspect, .uploadControl, .createBatch, .uploadFile:
      guard !isStopped else { return false }
      return await settings.server?.gate.mayAsk ?? false
    case .intendSchedule:
      guard !isStopped else { return false }
      return journal.head(of: delivery.source, source.order) == delivery.set
    case .finishClaim, .moveBack, .hold, .archive, .moveToRejected, .moveToHeld, .remove: return true
    }
  }
}
