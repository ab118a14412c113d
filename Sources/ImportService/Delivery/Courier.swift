import HaploAPI
import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem

/// Brings one set through its life: asks what is next, does it, and has the journal say so. Nothing is true before the
/// journal says it, and after a restart the same loop goes on from there.
struct Courier: Sendable {
  let tools: CourierTools
  let line: DeliveryLine
  let set: SetID

  var journal: Journal { tools.recorder.journal }
  var spool: Spool { tools.recorder.spool }
  var settings: CurrentSettings { tools.settings }
  var now: Timestamp { tools.time.now }

  /// Works until nothing is left to do or only a person can. Throws when the journal has failed or the task is
  /// cancelled.
  func deliver() async throws {
    var uncalled: BatchID?
    while let (step, delivery) = try nextStep() {
      for event in try await perform(step, delivery, &uncalled) {
        try await record(event)
        if case .scheduleIntended = event { uncalled = delivery.batch }
      }
    }
    await line.left(set)
  }

  /// Performs the steps that follow from a decision and need no server: moves the set's folder, deletes or archives it. Ends
  /// before any other step.
  ///
  /// - Returns: The step that is left for the daemon; nil if nothing is, or only a person can decide.
  /// - Throws: ``UnfinishedWork`` if the disk refuses; what the journal throws.
  func settle() async throws -> DeliveryStep? {
    while let (step, delivery) = try nextStep() {
      guard step.movesFolder else { return step }
      var uncalled: BatchID?
      for event in try await perform(step, delivery, &uncalled) { try await record(event) }
    }
    return nil
  }

  private func nextStep() throws -> (DeliveryStep, Delivery)? {
    try Task.checkCancellation()
    guard let delivery = journal.delivery(set) else { return nil }
    return delivery.nextStep(now: now, holdAfter: settings.holdAfter(of: set.source)).map { ($0, delivery) }
  }

  /// Records an event, and tells the log and the line of its source what it changed.
  func record(_ event: DeliveryEvent) async throws {
    if case .skipped = event { return try await recordSkip(event) }
    try await recordAndTell(event)
    switch event {
    case .rejected, .held: try await line.haltIfAsked(by: set)
    default: break
    }
  }

  /// The same for what a person decided, which halts nothing.
  func recordAndTell(_ event: DeliveryEvent) async throws {
    let readsOutcomes = settings.configuration.server.outcomeKeyFile != nil
    let delivery = try await tools.recorder.record(event, for: set, followsJob: readsOutcomes)
    if !delivery.isQueued { line.queueChanged() }
  }

  /// `uncalled` is the batch whose intent was recorded here, as long as no call to schedule it can have been received.
  private func perform(
    _ step: DeliveryStep, _ delivery: Delivery, _ uncalled: inout BatchID?
  ) async throws -> [DeliveryEvent] {
    switch step {
    case .finishClaim: return try await finishClaim(delivery)
    case .inspect: return try await inSlot { try await inspect(delivery) }
    case .uploadControl: return try await inSlot { try await uploadControl(delivery) }
    case .createBatch: return try await inSlot { try await createBatch(delivery) }
    case .uploadFile(let key, let batch):
      return try await inSlot { try await uploadFile(key, batch, delivery) }
    case .intendSchedule(let batch): return try await intend(batch, delivery)
    case .schedule(let batch, let mode): return try await schedule(batch, mode, delivery, &uncalled)
    case .hold(let reason): return [.held(reason: reason)]
    case .wait(let moment): return try await wait(until: moment)
    case .archive: return try await archive(delivery)
    case .moveBack(let place): return try await moveBack(delivery, from: place)
    case .moveToRejected(let reason): return try await file(delivery, as: .rejected, reason)
    case .moveToHeld(let reason): return try await file(delivery, as: .held, reason)
    case .remove(let place): return try await remove(from: place)
    }
  }

  /// Performs an upload step in one of the places of the source's `MaxInFlight`.
  private func inSlot(_ body: () async throws -> [DeliveryEvent]) async throws -> [DeliveryEvent] {
    try await line.waitWhileStopped(set)
    try await line.enterSlot(set)
    return try await body()
  }

  private func wait(until moment: Timestamp) async throws -> [DeliveryEvent] {
    line.leaveSlot(set)
    try await tools.time.sleep(until: moment)
    return []
  }
}

extension DeliveryStep {
  /// True for a step that moves or deletes the set's folder in the spool, and asks neither the server nor the exporter.
  var movesFolder: Bool {
    switch self {
    case .archive, .moveBack, .moveToRejected, .moveToHeld, .remove: true
    case .finishClaim, .inspect, .uploadControl, .createBatch, .uploadFile, .intendSchedule, .schedule, .hold,
      .wait:
      false
    }
  }
}

/// Comparing a set with the last scheduled one of its source (`OnDuplicate=`, `ShrinkLimit=`, and the guards of records).
extension Courier {
  /// What is to happen in place of sending the set; nil if nothing speaks against it, or if an earlier set of the source
  /// is still undecided, for then it is not known yet which one will be the last.
  func objection(_ delivery: Delivery) async throws -> DeliveryEvent? {
    while true {
      guard let source = settings.source(set.source), let server = settings.server,
        journal.head(of: set.source, source.order) == set
      else { return nil }
      var comparison = Comparison(source, server: server.url, origins: settings.configuration.values)
      let intent = delivery.intent(mode: source.mode)
      let history = journal.history(of: set.source)
      guard let demands = comparison.recordKeyDemands(delivery, intending: intent, history) else {
        return comparison.objection(to: delivery, intending: intent, history)
      }
      let check = RecordKeyCheck(spool: spool, set: set)
      let keys = try await tools.local.untilDone("comparing", of: set) { () throws(SystemError) in
        try await tools.blocking.onReader(of: set.source, "comparing the record keys of \(set)") {
          progress throws(SystemError) in try check.compare(with: demands.last, demands.files, progress)
        }
      }
      comparison.keys = keys
      // With another order than that of arrival, another set may have become the last one meanwhile.
      guard journal.head(of: set.source, source.order) == set,
        journal.history(of: set.source).hasSameLastSets(as: history)
      else { continue }
      return comparison.objection(to: delivery, intending: intent, history)
    }
  }

  /// Records that the set is skipped, unless another one was scheduled since it was compared (with `Order=name` one may
  /// have gone first): then it is compared anew.
  func recordSkip(_ event: DeliveryEvent) async throws {
    do {
      try await recordAndTell(event)
    } catch JournalFailure.contradiction {
      return
    }
  }
}

extension SourceHistory {
  fileprivate func hasSameLastSets(as other: SourceHistory) -> Bool {
    lastImport?.set == other.lastImport?.set && lastDryRun?.set == other.lastDryRun?.set
  }
}
