extension Completeness {
  /// The verdict about a set to which nothing is missing by the look of its listing.
  func verdict(about members: [String], files: [MappedFile], control: ControlFile) -> IntakeVerdict {
    switch sums(members: members, files: files, control: control) {
    case .failure(let stop): return stop.verdict
    case .success(let sums):
      if !sums.coversAll, let wait = quiet.wait(members) { return wait }
      if let wait = waitForWriters(members) { return wait }
      switch compare(sums, members: members) {
      case .failure(let stop): return stop.verdict
      case .success(let digests): return .complete(completeSet(members, files, digests))
      }
    }
  }

  private func completeSet(_ members: [String], _ files: [MappedFile], _ digests: [ExactText: SHA256Digest])
    -> CompleteSet
  {
    CompleteSet(
      claim: claim(of: members), files: files, contents: items(members), digests: digests,
      fixedControl: fixedControlBytes, arrival: quiet.arrival(of: members))
  }

  private var fixedControlBytes: [UInt8]? {
    if case .read(let control)? = evidence.fixedControl { control.bytes } else { nil }
  }

  private func items(_ names: [String]) -> [Claim.Item] {
    names.compactMap { name in
      index[name].map { Claim.Item(name: name, identity: $0.status.identity) }
    }
  }

  private func claim(of members: [String]) -> Claim {
    let folder = subject.folder.map { [Claim.Item(name: subject.name, identity: $0.identity)] } ?? []
    return Claim(
      form: subject.form, name: subject.name, directory: subject.directory,
      control: rules.controlFile == nil ? DropName.control : nil, completed: calendar,
      items: isFolder ? folder : items(members))
  }

  /// Refuses what is wrong for good, once it is quiet and nobody writes to it.
  func refuse(_ reason: Reason, findings: [IntakeFinding], members: [String]) -> IntakeVerdict {
    if let wait = quiet.wait(members, also: findings) { return wait }
    if let wait = waitForWriters(members) { return wait.adding(findings) }
    return .refused(drop(members, reason))
  }

  private func drop(_ members: [String], _ reason: Reason) -> RefusedDrop {
    RefusedDrop(
      claim: claim(of: members), contents: items(members), fixedControl: fixedControlBytes, reason: reason)
  }

  /// What is to be rejected of a set that has been incomplete for too long (`IncompleteRejectSec=`): the folder, or of
  /// a flat set what there is of it.
  public static func refusal(
    ofIncomplete subject: SetSnapshot, rules: IntakeRules, findings: [IntakeFinding], now: MonotonicInstant,
    calendar: Timestamp
  ) -> RefusedDrop {
    let judge = Completeness(
      subject: subject, rules: rules, now: now, calendar: calendar, isThorough: true)
    var files: [MappedFile] = []
    if case .success(let control) = judge.control() {
      files = ControlMapping(rules: rules, index: subject.index, prefix: "").map(control).files
    }
    let text = findings.prefix(10).map(\.line).joined(separator: "; ")
    return judge.drop(
      judge.members(of: files),
      Reason("incomplete for too long: \(text)", remedy: "drop the whole set again"))
  }

  /// Waits while somebody writes to one of `members`, or asks who does; nil when nobody does as far as can be told.
  func waitForWriters(_ members: [String]) -> IntakeVerdict? {
    let asked = members.map { (name: $0, answer: writers(of: $0)) }
    if asked.contains(where: { $0.answer == nil }) { return .needs(.writers(members)) }
    let busy = asked.filter { $0.answer == .somebody }.map {
      IntakeFinding(prefix + $0.name, "a program has it open for writing")
    }
    if !busy.isEmpty { return .waiting(.init(findings: busy, isBusy: true)) }
    let closed = asked.compactMap { file -> IntakeFinding? in
      guard case .unreadable(let obstacle) = file.answer else { return nil }
      return obstacle.finding(prefix + file.name)
    }
    return closed.isEmpty ? waitForMoving(members) : .waiting(.init(findings: closed))
  }

  private func writers(of name: String) -> WriterAnswer? {
    guard let seen = evidence.writers[ExactText(name)], seen.identity == index[name]?.status.identity else {
      return nil
    }
    return seen.value
  }

  /// Waits while the set may not be moved, or asks whether it may; nil when it may.
  private func waitForMoving(_ members: [String]) -> IntakeVerdict? {
    guard let answer = evidence.moving else { return .needs(.writers(members)) }
    guard let obstacle = answer.obstacle(in: subject.directory) else { return nil }
    return .waiting(.init(findings: [obstacle.finding(subject.name)]))
  }
}
