import ImportCore
import ImportRuntime
import ImportSystem
import Synchronization

extension Intake {
  typealias Verdicts = [(set: PendingSet, verdict: IntakeVerdict)]

  /// Inspects everything to which something happened or whose time has come.
  func inspectAll() async -> Verdicts {
    var verdicts: Verdicts = []
    let now = time.monotonic
    let due = sets.filter { set in set.isDirty || set.nextInspection(source).map { $0 <= now } ?? false }
    // In the order of arrival, so that access is granted in that order too: it changes the ctime.
    for set in due.sorted(by: Self.isBefore) {
      guard let verdict = await inspect(set) else { continue }
      verdicts.append((set, keep(verdict, for: set)))
    }
    return verdicts
  }

  private static func isBefore(_ left: PendingSet, _ right: PendingSet) -> Bool {
    (left.snapshot.folder?.identity.changed ?? .max) < (right.snapshot.folder?.identity.changed ?? .max)
  }

  /// Inspects until there is a verdict; nil when the thing has gone meanwhile, or the task was cancelled.
  private func inspect(_ set: PendingSet) async -> IntakeVerdict? {
    let first = SetInspection(set, rules: source.rules, usesLeases: usesLeases, time: time)
    set.beginInspection(at: time.monotonic)
    guard var (inspection, ending) = await resume(first) else { return nil }
    while case .needsDigests(let names) = ending {
      guard await computeDigests(of: names, &inspection), let next = await resume(inspection) else {
        return nil
      }
      (inspection, ending) = next
    }
    set.take(inspection)
    await note(inspection)
    switch ending {
    case .verdict(let verdict): return verdict
    case .gone: forget(folder: ExactText(set.snapshot.name))
    case .replaced: watcher.wantScan()
    case .needsDigests: preconditionFailure("they were computed")
    }
    return nil
  }

  private func resume(_ inspection: SetInspection) async -> (SetInspection, SetInspection.Ending)? {
    if let verdict = inspection.verdictAtOnce { return (inspection, .verdict(verdict)) }
    guard let own else { return nil }
    let scanner = scanner
    return await workers.runAbandonable {
      var inspection = inspection
      var visit = inspection.visit(scanner, own)
      let ending = inspection.run(&visit)
      return (inspection, ending)
    }
  }

  /// Files can be large, and the end of the service must not wait for them. False if the task was cancelled.
  private func computeDigests(of names: [String], _ inspection: inout SetInspection) async -> Bool {
    guard let own else { return false }
    let (scanner, begun, flag) = (scanner, inspection, CancellationFlag())
    let result = await withTaskCancellationHandler {
      await workers.runAbandonable {
        var inspection = begun
        var visit = inspection.visit(scanner, own)
        for file in visit.digests(of: names, checking: { flag.isRaised }) {
          inspection.keep(file, &visit) { $0.digests[ExactText(file.name)] = $1 }
        }
        return inspection
      }
    } onCancel: {
      flag.raise()
    }
    guard let result else { return false }
    inspection = result
    return true
  }

  /// Takes in what an inspection found out beside the verdict.
  private func note(_ inspection: SetInspection) async {
    if let folder = inspection.folder.map({ ExactText($0) }) {
      watcher.register(inspection.watches.all.map { ($0.watch, .folder(folder, prefix: $0.prefix)) })
      if let problem = inspection.watches.problem { noteFolderProblem(problem) }
    }
    if let file = inspection.withoutLease { noteLeaseProblem(file) }
    if inspection.isMoveRefused { await claimer.cannotTake(inspection.snapshot.name, from: source.name) }
  }

  func judge(_ set: PendingSet, thorough: Bool = false) -> IntakeVerdict {
    Completeness.judge(
      set.snapshot, rules: source.rules, now: time.monotonic, calendar: time.now, thorough: thorough)
  }

  /// Keeps what the verdict says about waiting; what has been incomplete for too long is refused.
  private func keep(_ verdict: IntakeVerdict, for set: PendingSet) -> IntakeVerdict {
    switch verdict {
    case .complete, .refused, .needs:
      set.settle()
      return verdict
    // A folder is meant to be a set, and so are files beside something that looks like a control file.
    case .notASet(let finding) where set.folder == nil && finding.remedy == nil:
      set.rest([finding])
      return verdict
    case .notASet(let finding): set.wait(.init(findings: [finding]), at: time.monotonic)
    case .waiting(let waiting): set.wait(waiting, at: time.monotonic)
    }
    reportObstacle(set)
    return reportOverdue(set) ?? verdict
  }

  /// Says once that a person must give the daemon access, or make another change that it cannot make itself.
  private func reportObstacle(_ set: PendingSet) {
    guard !set.isObstacleReported, let finding = set.obstacleFinding else { return }
    set.isObstacleReported = true
    log.write(
      LogEvent(.dropInaccessible, "cannot access what was dropped").with("source", source.name)
        .with("path", finding.path).with("reason", finding.text).with("remedy", finding.remedy ?? ""))
  }

  /// Reports a set that has been incomplete for too long; returns the verdict if it is to be rejected for that.
  private func reportOverdue(_ set: PendingSet) -> IntakeVerdict? {
    let now = time.monotonic
    let (warn, reject) = set.deadlines(source)
    if let warn, warn <= now {
      set.isReported = true
      log.write(
        LogEvent(.dropIncomplete, "incomplete for too long").with("source", source.name)
          .with("path", set.snapshot.name)
          .with("reason", explanation(of: set).map(\.line).joined(separator: "; ")))
    }
    guard let reject, reject <= now else { return nil }
    let drop = Completeness.refusal(
      ofIncomplete: set.snapshot, rules: source.rules, findings: set.findings, now: now, calendar: time.now)
    return drop.claim.items.isEmpty ? nil : .refused(drop)
  }
}

extension Intake {
  /// Claims the complete sets in the order of arrival, but none before a set that comes first and only waits for its quiet time.
  func claim(_ verdicts: Verdicts) async {
    var complete: [CompleteSet] = []
    var refused: [(set: PendingSet, drop: RefusedDrop)] = []
    for (set, verdict) in verdicts {
      switch verdict {
      case .complete(let found): complete.append(found)
      case .refused(let drop) where set.isNew(drop.claim.items + drop.contents): refused.append((set, drop))
      default: continue
      }
    }
    let waiting = sets.compactMap(\.arrival)
    let (ready, held) = ArrivalOrder.split(complete, waiting: waiting, source.order)
    for set in held { hold(set, waiting) }
    let new = ready.filter { pending($0)?.isNew($0.claim.items + $0.contents) ?? false }
    if !new.isEmpty {
      let withdrawn = await claimer.claim(new, from: source.name)
      for set in new where withdrawn.containsExactly(set.name) {
        pending(set)?.offerAgain(after: time.monotonic)
      }
    }
    for (set, drop) in refused { await refuse(drop, set) }
    await lookAgain(at: new.map(\.claim) + refused.map(\.drop.claim))
  }

  private func pending(_ set: CompleteSet) -> PendingSet? {
    set.claim.form == .flat ? flat : folders[ExactText(set.name)]
  }

  /// Has a complete set inspected again when the quiet time of those before it is over.
  private func hold(_ set: CompleteSet, _ waiting: [Arrival]) {
    let earlier = sets.filter { other in
      other.arrival.map { !ArrivalOrder.split([set], waiting: [$0], source.order).held.isEmpty } ?? false
    }
    guard let first = earlier.first?.arrival else { return }
    let moment = earlier.compactMap(\.due).max() ?? time.monotonic
    pending(set)?.wait(for: first, until: moment)
  }

  private func refuse(_ drop: RefusedDrop, _ set: PendingSet) async {
    set.refuse(IntakeFinding(drop.name, drop.reason.text, isFinal: true))
    if set.refused != drop.claim.items {
      log.write(
        LogEvent(.dropRefused, "dropped set refused").with("source", source.name).with("path", drop.name)
          .with("reason", PrintableText.joiningLines(drop.reason.text)))
    }
    set.refused = drop.claim.items
    await claimer.refuse(drop, from: source.name)
  }

  /// What was claimed is gone, or something else is in its place already; what was left keeps its place. Where the
  /// kernel tells of that, it is not asked for.
  private func lookAgain(at claims: [Claim]) async {
    if mode == .watched { return }
    let names = Set(claims.flatMap(\.items).map { EntryName($0.name) })
    if !names.isEmpty { await lookUp(Array(names), isEvent: false) }
  }
}

/// Tells work on another thread that its result is not wanted any more.
private final class CancellationFlag: Sendable {
  private let flag = Atomic<Bool>(false)

  var isRaised: Bool { flag.load(ordering: .relaxed) }

  func raise() { flag.store(true, ordering: .relaxed) }
}
