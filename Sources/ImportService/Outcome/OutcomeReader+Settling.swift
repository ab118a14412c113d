import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem

/// Storing and telling the end of a job.
extension OutcomeReader {
  /// Where the end of a job belongs.
  private enum Place {
    /// To the set in the journal: it awaits, or got, approval after this dry run.
    case dryRun
    /// Beside the receipt.
    case archive
    /// Beside the reason of a set that could not be moved to the archive.
    case held
    /// Nowhere: the set has another life, or is gone.
    case nowhere
    /// The set is on its way to the archive.
    case later
  }

  /// Stores what became of a job where the set is, tells everybody, and records that the job is settled. Returns nil, or how
  /// long to wait before another try: the set is still on its way to the archive, or the disk refuses; then nothing was done.
  /// It is told at least once, after a crash perhaps twice.
  func store(_ settled: SettledOutcome) async throws -> Duration? {
    let delivery = journal.delivery(settled.set)
    let place = place(settled, delivery)
    switch place {
    case .later: return OutcomePause.shortest
    case .archive: guard try await write(settled, .archive) else { return Self.diskPause }
    case .held: guard try await write(settled, .held) else { return Self.diskPause }
    case .dryRun, .nowhere: break
    }
    await tell(settled, delivery)
    if place == .dryRun, try await recordDryRun(settled) { return nil }
    try await journal.record(.outcomeSettled(settled))
    return nil
  }

  /// False, with nothing recorded, if a person has decided about the set meanwhile.
  private func recordDryRun(_ settled: SettledOutcome) async throws -> Bool {
    do {
      try await journal.record([
        .event(.dryRunEnded(batch: settled.batch, outcome: settled.outcome), set: settled.set),
        .outcomeSettled(settled),
      ])
      return true
    } catch JournalFailure.contradiction {
      return false
    }
  }

  private func place(_ settled: SettledOutcome, _ delivery: Delivery?) -> Place {
    guard let delivery else { return .archive }
    // It was found in the server's list, and its files are read once more for the receipt.
    if delivery.found?.batch == settled.batch { return .later }
    if delivery.lastDryRun == settled.batch { return .dryRun }
    switch delivery.stage {
    case .scheduled(let batch, _) where batch == settled.batch: return .later
    case .held(_, filed: false) where delivery.heldInDoubt == settled.batch: return .later
    case .held(_, filed: true) where delivery.heldInDoubt == settled.batch: return .held
    default: return .nowhere
    }
  }

  /// Queues the sets for import of which a clean dry run is as good as a person's word. That holds only while their source
  /// still wants it and runs; a crash before this is made up for here as well.
  func importClean() async throws {
    let clean = journal.deliveries { delivery in
      if case .imports? = CleanImport(delivery) { true } else { false }
    }
    for delivery in clean {
      guard case .imports(let records)? = CleanImport(delivery),
        settings.source(delivery.source)?.mode == .importIfClean, !journal.isStopped(delivery.source)
      else { continue }
      do {
        try await register.decide(.approvedAsClean(records: records), about: delivery.set)
      } catch JournalFailure.contradiction {
        continue  // a person has decided meanwhile
      }
    }
  }

  private static let diskPause = Duration.seconds(10)

  /// A set that retention has removed meanwhile needs no outcome. Returns false if the disk refuses.
  private func write(_ settled: SettledOutcome, _ area: SpoolArea) async throws -> Bool {
    do throws(SystemError) {
      try await blocking.onWorker("the outcome of \(settled.set)") {
        [spool = recorder.spool] () throws(SystemError) in try OutcomeFile(settled).store(in: spool, area)
      }
      return true
    } catch {
      if error.isCancelled { throw CancellationError() }
      log.write(.localFailure(error, set: settled.set, purpose: "outcome"))
      return false
    }
  }

  private func tell(_ settled: SettledOutcome, _ delivery: Delivery?) async {
    log.write(LogEvent(settled))
    let source = settings.source(settled.set.source)
    if settled.outcome.state.isFailure, source?.onFailed == .halt {
      try? await register.line(of: settled.set.source).halt(forJobOf: settled.set)
    }
    if settled.outcome.state.needsAction {
      let notice = Notice(settled)
      await blocking.workers.run { [notices] in notices.put(notice) }
    }
    // Of a set that awaits approval the exporter learns once it is decided.
    if delivery?.lastDryRun != settled.batch { await tellExporter(settled) }
  }

  private func tellExporter(_ settled: SettledOutcome) async {
    guard let source = settings.source(settled.set.source), source.resultFiles,
      let receipt = await blocking.workers.run({ [spool = recorder.spool] in
        ArchivedSet.receipt(of: settled.set, in: spool)
      }),
      receipt.batch == settled.batch, let result = ResultFile(settled, receipt)
    else { return }
    await results.leave(result, for: settled.set, in: source)
  }
}

extension LogEvent {
  /// The line for the end of a job.
  init(_ settled: SettledOutcome) {
    let kind: LogKind =
      switch settled.outcome.state {
      case .imported, .checked: .outcomeGood
      case .importedWithErrors, .checkedWithErrors: .outcomeWithErrors
      case .failed: .outcomeFailed
      case .stuck: .outcomeStuck
      case .unknown, .pending: .outcomeUnknown
      }
    self = LogEvent(kind).with("set", settled.set).with("source", settled.set.source)
      .with("outcome", settled.outcome.state.rawValue).with("batch", settled.batch)
      .with("mode", settled.mode.rawValue)
      .with("errors", settled.outcome.errors.flatMap { $0 > 0 ? $0 : nil })
      .with("reason", settled.outcome.reason)
      .with("remedy", settled.remedy)
  }
}
