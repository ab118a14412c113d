import ImportCore
import ImportSystem
import Synchronization

extension Intake {
  /// Looks at everything to which something happened or whose time has come.
  func lookAtAll() async -> [(candidate: Candidate, verdict: IntakeVerdict)] {
    var verdicts: [(candidate: Candidate, verdict: IntakeVerdict)] = []
    let now = time.monotonic
    for candidate in candidates where isDue(candidate, at: now) {
      candidate.isDirty = false
      candidate.due = nil
      guard let verdict = await look(at: candidate) else { continue }
      verdicts.append((candidate, keep(verdict, for: candidate)))
    }
    return verdicts
  }

  private func isDue(_ candidate: Candidate, at now: MonotonicInstant) -> Bool {
    let times = [candidate.due, warnTime(candidate), rejectTime(candidate)].compactMap(\.self)
    return candidate.isDirty || times.contains { $0 <= now }
  }

  /// Judges, and looks further for as long as more must be known; nil when the thing has gone meanwhile.
  private func look(at candidate: Candidate) async -> IntakeVerdict? {
    let first = CandidateLook(
      candidate.subject, needsListing: candidate.needsListing, changed: candidate.changed,
      rules: source.rules, usesLeases: usesLeases, time: time)
    candidate.changed = []
    var (look, ending) = await go(on: first)
    while case .needsDigests(let names) = ending {
      await computeDigests(of: names, &look)
      (look, ending) = await go(on: look)
    }
    candidate.take(look)
    await note(look)
    return conclude(ending, candidate)
  }

  private func go(on look: CandidateLook) async -> (CandidateLook, CandidateLook.Ending) {
    if let verdict = look.verdictAtOnce { return (look, .verdict(verdict)) }
    let scan = dropScan
    return await workers.run {
      var look = look
      var visit = DropVisit(scan, look.folder)
      let ending = look.run(&visit)
      return (look, ending)
    }
  }

  /// Files can be large, and the end of the service must not wait for them.
  private func computeDigests(of names: [String], _ look: inout CandidateLook) async {
    let (scan, folder, flag) = (dropScan, look.folder, CancellationFlag())
    let found = await withTaskCancellationHandler {
      await workers.run {
        var visit = DropVisit(scan, folder)
        return visit.digests(of: names, checking: { flag.isRaised })
      }
    } onCancel: {
      flag.raise()
    }
    for file in found { look.keep(file) { $0.digests[ExactText(file.name)] = $1 } }
  }

  /// Takes in what a look found out beside the verdict.
  private func note(_ look: CandidateLook) async {
    noteWatches(look)
    if let file = look.unasked { noteLeaseProblem(file) }
    if look.isMoveRefused { await taker.cannotTake(look.subject.name, from: source.name) }
  }

  func noteWatches(_ look: CandidateLook) {
    guard let folder = look.folder else { return }
    for (watch, prefix) in look.watches.all { watches[watch] = .folder(ExactText(folder), prefix: prefix) }
    if let problem = look.watches.problem { noteFolderProblem(problem) }
  }

  private func conclude(_ ending: CandidateLook.Ending, _ candidate: Candidate) -> IntakeVerdict? {
    switch ending {
    case .verdict(let verdict): return verdict
    case .gone: forget(folder: ExactText(candidate.subject.name))
    case .replaced: hints.wantRescan()
    case .closed(let finding): candidate.wait(.init(findings: [finding]), at: time.monotonic)
    case .needsDigests: preconditionFailure("they were computed")
    }
    return nil
  }

  private func noteLeaseProblem(_ file: String) {
    guard !isLeaseProblemLogged else { return }
    isLeaseProblemLogged = true
    log.write(
      LogEvent(
        .leaseUnavailable,
        "cannot ask who writes to dropped files (no lease; CAP_LEASE is needed for files of others): relying on "
          + "QuietSec alone"
      )
      .with("source", source.name).with("path", file))
  }

  func judge(_ candidate: Candidate, thorough: Bool = false) -> IntakeVerdict {
    Completeness.judge(
      candidate.subject, rules: source.rules, now: time.monotonic, calendar: time.now, thorough: thorough)
  }

  /// Keeps what the verdict says about waiting; what has been incomplete for too long is refused.
  private func keep(_ verdict: IntakeVerdict, for candidate: Candidate) -> IntakeVerdict {
    switch verdict {
    case .complete, .refused, .needs:
      candidate.isSettling = false
      return verdict
    case .notASet(let finding):
      candidate.rest([finding])
      return verdict
    case .waiting(let waiting):
      candidate.wait(waiting, at: time.monotonic)
      reportIfOverdue(candidate)
      return refusalIfOverdue(candidate) ?? verdict
    }
  }

  private func reportIfOverdue(_ candidate: Candidate) {
    guard let since = warnTime(candidate), since <= time.monotonic else { return }
    candidate.isReported = true
    guard case .waiting(let all) = judge(candidate, thorough: true) else { return }
    log.write(
      LogEvent(.dropIncomplete, "incomplete for too long").with("source", source.name)
        .with("path", candidate.subject.name)
        .with("reason", all.findings.map(\.line).joined(separator: "; ")))
  }

  private func refusalIfOverdue(_ candidate: Candidate) -> IntakeVerdict? {
    guard let since = rejectTime(candidate), since <= time.monotonic else { return nil }
    return .refused(
      Completeness.refusal(
        ofIncomplete: candidate.subject, rules: source.rules, findings: candidate.findings,
        now: time.monotonic, calendar: time.now))
  }
}

/// Tells work on another thread that its result is not wanted any more.
private final class CancellationFlag: Sendable {
  private let flag = Atomic<Bool>(false)

  var isRaised: Bool { flag.load(ordering: .relaxed) }

  func raise() { flag.store(true, ordering: .relaxed) }
}
