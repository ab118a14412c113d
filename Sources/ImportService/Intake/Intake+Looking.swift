import ImportCore
import ImportSystem

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
    candidate.subject.evidence.beginLook()
    for _ in 0..<16 {
      if candidate.needsListing, let folder = candidate.folder {
        guard await list(candidate, folder) else { return nil }
      }
      let verdict = judge(candidate)
      guard case .needs(let need) = verdict else { return verdict }
      await lookFurther(need, candidate)
    }
    let finding = IntakeFinding(candidate.subject.name, "it is changed whenever it is looked at")
    return .waiting(.init(findings: [finding], isBusy: true))
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

  /// Lists a folder with all that is in it, and reads its control file at the same go if that was not read yet, since a
  /// verdict needs both; false when the folder is gone.
  private func list(_ candidate: Candidate, _ folder: String) async -> Bool {
    let scan = dropScan
    let wantsControl = source.rules.controlFile == nil && candidate.subject.evidence.control == nil
    let (result, control) = await workers.run {
      var parents = DropScan.Parents(scan, folder)
      let result = scan.list(&parents)
      let hasControl = (try? result.get())?.entries.contains { $0.name == DropName.control } == true
      return (result, wantsControl && hasControl ? scan.readControl(&parents) : nil)
    }
    switch result {
    case .success(let listing?):
      guard takeOver(listing, candidate, folder) else { return false }
      if let control { keep(control, candidate) { $0.control = $1 } }
      return true
    case .success(nil):
      forget(folder: ExactText(folder))
      return false
    case .failure(let error):
      candidate.wait(.init(findings: [closedFolder(folder, error)]), at: time.monotonic)
      return false
    }
  }

  private func closedFolder(_ folder: String, _ error: SystemError) -> IntakeFinding {
    IntakeFinding(
      folder, error.description, remedy: "let the daemon's user or group read and enter it", isFinal: true)
  }

  /// False when another folder stands there now, which its own event or the next scan takes in.
  func takeOver(_ listing: DropScan.Listing, _ candidate: Candidate, _ folder: String) -> Bool {
    let now = time.monotonic
    guard candidate.subject.folder?.identity.isSameObject(as: listing.own.identity) == true else {
      hints.wantRescan()
      return false
    }
    for (watch, prefix) in listing.watches { watches[watch] = .folder(ExactText(folder), prefix: prefix) }
    if let problem = listing.watchProblem { noteFolderProblem(problem) }
    candidate.subject.folder = listing.own
    candidate.subject.index.observeOwn(listing.own, at: now)
    candidate.subject.index.observe(listing: listing.entries, strange: listing.strange, at: now)
    candidate.needsListing = false
    return true
  }
}
