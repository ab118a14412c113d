import ImportCore
import ImportRuntime
import ImportStorage

/// What people decide while the sets are on their way.
extension DeliveryLine {
  /// Records what a person decided about a set, between two of its steps: what is under way for it is ended first, and
  /// goes on afterwards from where the decision leaves it; but not on a decision that could not be made durable.
  func decide(_ event: DeliveryEvent, about set: SetID) async throws {
    try await waitForDecision(about: set)
    defer {
      decided.remove(set)
      decisions.signal()
    }
    try await interrupt(set)
    defer { if journal.failure == nil { add([set]) } }
    try await courier(set).recordAndTell(event)
  }

  /// Waits for a decision about the same set, so that it is called back and begun again by one at a time.
  private func waitForDecision(about set: SetID) async throws {
    while true {
      try Task.checkCancellation()
      let seen = decisions.version
      if decided.insert(set).inserted { return }
      await decisions.wait(after: seen)
    }
  }

  /// Waits while the source is paused or halted. Whoever waits holds no slot.
  func waitWhileStopped(_ set: SetID) async throws {
    try await wait(set) { journal.isStopped(source) }
  }

  /// Waits while the journal is older than the archive: then not even a set in doubt is scheduled again.
  func waitWhileOutdated(_ set: SetID) async throws {
    try await wait(set) { journal.outdated != nil }
  }

  private func wait(_ set: SetID, while isStopped: () -> Bool) async throws {
    while true {
      try Task.checkCancellation()
      let seen = controls.version
      if !isStopped() { return }
      leaveSlot(set)
      await controls.wait(after: seen)
    }
  }

  /// Lets those who wait for it look again whether the source is stopped.
  nonisolated func stopChanged() {
    controls.signal()
    queueChanged()
  }

  /// Pauses the source, or lets it go on.
  func setControl(_ control: SourceControl) async throws {
    try await journal.record(control, for: source)
    stopChanged()
  }

  /// Halts the source if its configuration wants that after a set was rejected or held.
  func haltIfAsked(by set: SetID) async throws {
    guard settings.source(source)?.onRejected == .halt else { return }
    var control = journal.control(of: source)
    guard control.haltedBy == nil else { return }
    control.haltedBy = set
    try await setControl(control)
    log.write(
      LogEvent(.sourcePaused, "source halted", priority: .error).with("source", source)
        .with("reason", control.reason)
        .with("remedy", "retry or reject the set, or resume the source"))
  }

  /// Halts the source because the job of one of its sets failed on the server.
  func halt(forJobOf set: SetID) async throws {
    var control = journal.control(of: source)
    guard control.haltedBy == nil else { return }
    (control.haltedBy, control.haltedForJob) = (set, true)
    try await setControl(control)
    log.write(
      LogEvent(.sourcePaused, "source halted", priority: .error).with("source", source).with(
        "reason", control.reason))
  }

  /// Lets a source that this set has halted go on.
  func releaseHalt(of set: SetID) async throws {
    var control = journal.control(of: source)
    guard control.haltedBy == set else { return }
    (control.haltedBy, control.haltedForJob) = (nil, nil)
    try await setControl(control)
    log.write(LogEvent(.sourceResumed, "source resumed").with("source", source).with("set", set))
  }
}

/// One courier on its way, which can be called back without ending the others.
final class CourierRun: Sendable {
  private let courier: Courier
  private let stopping = Latch()
  private let ended = Latch()

  init(_ courier: Courier) { self.courier = courier }

  /// Delivers until the set is done with, or until ``stop()``.
  func run() async throws {
    defer { ended.signal() }
    try await withThrowingTaskGroup { group in
      group.addTask { try await self.courier.deliver() }
      group.addTask { await self.stopping.wait(after: 0) }
      do { try await group.next() } catch is CancellationError {}
      group.cancelAll()
      do { try await group.waitForAll() } catch is CancellationError {}
    }
  }

  /// Calls the courier back and waits until it has put everything down. A schedule call under way is waited for.
  func stop() async {
    stopping.signal()
    await ended.wait(after: 0)
  }
}
