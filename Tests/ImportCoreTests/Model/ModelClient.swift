@testable import ImportCore

/// The loop of the program as far as the promise depends on it: the real ``Delivery`` and the real verdicts, with the
/// journal's barriers, and recovery as it is done at start. Each mutation takes one of the rules away.
struct ModelClient: Sendable {
  /// A rule that is left out, to see that the search finds what it is there for.
  enum Mutation: Hashable, Sendable, CaseIterable {
    /// The intent rides along with the next barrier instead of being one.
    case intentRidesAlong
    /// The schedule call comes first, and the intent is recorded with its answer.
    case intentAfterTheCall
    /// What a killed program had written, but not made durable, is believed without being made durable.
    case startWithoutSync
    /// A batch in which a file may be half-sent is filled on after a restart.
    case openUploadGoesOn
    /// A file that was sent whole without an answer is sent again into the same batch.
    case sameBatchAfterTimeout
    /// A set is compared with earlier ones again when its schedule call has to be repeated.
    case skipInDoubt
    /// A set that a person has retried is held for the same cause again.
    case holdAgain
    /// A dry run of which the server's page told nothing counts as a clean one.
    case importOnUnknown
  }

  /// When a set that has the bytes of an earlier one is found to have them.
  enum Skip: Hashable, Sendable, CaseIterable {
    /// Its turn has come before anything was sent.
    case beforeBatch
    /// It was uploaded while an earlier set was still undecided.
    case beforeIntent
  }

  var mutation: Mutation?
  var skip: Skip?
  /// Where a set is held because of its records; a person retries it once.
  var hold: Skip?
  /// True for a source with `Mode=import-if-clean`.
  var importsIfClean = false

  /// What the journal can say: the last one is what it says now, and a power cut may take it back to any earlier one,
  /// but not to before the first.
  typealias Memory = [Delivery]

  /// True if the program waits until this event is on the disk.
  func isBarrier(_ event: DeliveryEvent) -> Bool {
    if mutation == .intentRidesAlong, case .scheduleIntended = event { return false }
    return event.mustBeDurable
  }

  /// Starts again after SIGKILL, or after a power cut that left no more than `memory`. What is read is made durable
  /// first, since a killed program may have written it only.
  func restart(_ memory: Memory, powerCut: Bool) throws(Contradiction) -> Memory {
    let last = memory[memory.count - 1]
    let left = !powerCut && mutation == .startWithoutSync ? memory : [last]
    guard mutation != .openUploadGoesOn, case .uploading(_, let uploaded) = last.stage, uploaded.count < 2
    else { return left }
    return left + [try last.after(.batchAbandoned(reason: Invented.reason))]
  }

  /// What to ask the server for a step; nil for what is done locally.
  func question(_ step: DeliveryStep, _ delivery: Delivery) -> Question? {
    if isSkipped(step) || isHeld(step, delivery) { return nil }
    return switch step {
    case .uploadControl: .control(ModelServer.control)
    case .createBatch: .batch(control: ModelServer.control)
    case .uploadFile(let key, let batch):
      .file(key: key, Invented.digest(key == "a" ? 0xaa : 0xbb), batch: batch)
    case .schedule(let batch, _): .schedule(batch)
    case .intendSchedule(let batch): mutation == .intentAfterTheCall ? .schedule(batch) : nil
    default: nil
    }
  }

  /// The files of the model with their records counted.
  private static let counted: Manifest = {
    var manifest = Invented.manifest()
    for index in manifest.files.indices { manifest.files[index].content.records = 1 }
    return manifest
  }()

  /// What is intended for a set whose turn has come.
  func intent(of delivery: Delivery) -> DeliveryEvent {
    importsIfClean ? delivery.intent(mode: .importIfClean) : .scheduleIntended(mode: .import)
  }

  /// What the page of a dry run's batch leads to; nil is a page that says nothing.
  func event(_ result: ModelServer.Result?, of batch: BatchID) -> DeliveryEvent {
    let outcome: JobOutcome =
      switch result {
      case .clean: JobOutcome(.checked, errors: 0, seen: Invented.start)
      case .errors: JobOutcome(.checkedWithErrors, errors: 3, seen: Invented.start)
      case .failed: JobOutcome(.failed, seen: Invented.start)
      case nil where mutation == .importOnUnknown: JobOutcome(.checked, errors: 0, seen: Invented.start)
      case nil: JobOutcome(.unknown, seen: Invented.start)
      }
    return .dryRunEnded(batch: batch, outcome: outcome)
  }

  /// What a local step leads to.
  func local(_ step: DeliveryStep, _ delivery: Delivery) -> [DeliveryEvent] {
    if isHeld(step, delivery) { return [.held(reason: Reason("x", cause: .guarded))] }
    if isSkipped(step) { return [.skipped(sameAs: Invented.other, mode: .import)] }
    return switch step {
    case .finishClaim: [.claimed]
    case .inspect: [importsIfClean ? .inspected(manifest: Self.counted) : Invented.inspected]
    case .intendSchedule: [.scheduleIntended(mode: .import)]
    case .hold(let reason): [.held(reason: reason)]
    case .archive: [.archived]
    case .moveToRejected, .moveToHeld: [.filed]
    case .moveBack: [.returned]
    case .remove: [.removed]
    case .uploadControl, .createBatch, .uploadFile, .schedule, .wait: []
    }
  }

  /// True for a held set that a person may retry: one that certainly was not scheduled.
  func isRetried(_ delivery: Delivery) -> Bool {
    hold != nil && delivery.filedPlace == .held && !delivery.needsImportAgain
      && delivery.wasHeld(for: .guarded)
  }

  private func isHeld(_ step: DeliveryStep, _ delivery: Delivery) -> Bool {
    guard let hold, mutation == .holdAgain || !delivery.wasHeld(for: .guarded) else { return false }
    return isAt(hold, step)
  }

  private func isAt(_ moment: Skip?, _ step: DeliveryStep) -> Bool {
    switch step {
    case .createBatch: moment == .beforeBatch
    case .intendSchedule: moment == .beforeIntent
    default: false
    }
  }

  private func isSkipped(_ step: DeliveryStep) -> Bool {
    switch step {
    case .createBatch, .intendSchedule: isAt(skip, step)
    case .schedule: mutation == .skipInDoubt
    default: false
    }
  }

  /// What an answer leads to.
  func events(_ verdict: Verdict, for step: DeliveryStep, of delivery: Delivery) -> [DeliveryEvent] {
    guard case .intendSchedule(let batch) = step else { return follow(verdict, step, delivery) }
    return [.scheduleIntended(mode: .import)]
      + follow(verdict, .schedule(batch: batch, mode: .import), delivery)
  }

  /// Time stands still in the model: a failed step may be repeated at once.
  private func follow(_ verdict: Verdict, _ step: DeliveryStep, _ delivery: Delivery) -> [DeliveryEvent] {
    let events = AnsweredStep(delivery, step, server: Invented.server).events(after: verdict) {
      _ in
      Invented.start
    }
    guard mutation == .sameBatchAfterTimeout, case .newBatch = verdict else { return events }
    return events.filter { if case .batchAbandoned = $0 { false } else { true } }
  }
}
