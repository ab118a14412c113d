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
    let judge = Completeness(subject: subject, rules: rules, now: now, calendar: calendar, isThorough: true)
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

/// The time for which a set has been unchanged, and its place in the order of arrival.
struct QuietTime {
  let subject: SetSnapshot
  let rules: IntakeRules
  let now: MonotonicInstant

  private var index: DropIndex { subject.index }

  /// When the set will have been quiet for long enough: for a folder after the last change of anything in it.
  func end(_ members: [String]) -> MonotonicInstant {
    let last = subject.isFolder ? index.lastChange : members.compactMap { index[$0]?.unchangedSince }.max()
    return (last ?? now).advanced(by: rules.quiet)
  }

  /// A verdict to wait until nothing has changed for `QuietSec`; nil when that is so already.
  func wait(_ members: [String], also findings: [IntakeFinding] = []) -> IntakeVerdict? {
    let time = end(members)
    guard time > now else { return nil }
    let changes = change(members).map { [$0] } ?? []
    return .waiting(
      .init(
        findings: changes + findings, askAgain: time, arrival: findings.isEmpty ? arrival(of: members) : nil))
  }

  /// The place of the set in the order of arrival: for a folder by all that is inside.
  func arrival(of members: [String]) -> Arrival {
    let own = index.own?.arrived ?? subject.folder?.identity.changed ?? .min
    let files =
      subject.isFolder
      ? index.entries.values.filter { $0.status.kind == .regular } : members.compactMap { index[$0] }
    let latest = files.lazy.map(\.arrived).max() ?? .min
    return Arrival(change: subject.isFolder ? max(own, latest) : latest, name: subject.name)
  }

  /// Says what changed last; nil when the set is quiet.
  func change(_ members: [String]) -> IntakeFinding? {
    guard end(members) > now else { return nil }
    let known = subject.isFolder ? Array(index.entries) : members.compactMap { name in entry(name) }
    let last = known.max { $0.value.unchangedSince < $1.value.unchangedSince }
    let since = subject.isFolder ? index.lastChange : last?.value.unchangedSince
    let isLast = last?.value.unchangedSince == since
    let age = since.map { now.since($0).inSeconds } ?? 0
    return IntakeFinding(
      isLast ? subject.prefix + (last?.key.text ?? "") : subject.name,
      "changed \(Self.seconds(age)) ago; picked up when unchanged for "
        + Self.seconds(rules.quiet.inSeconds))
  }

  private func entry(_ name: String) -> (key: ExactText, value: DropIndex.Entry)? {
    index[name].map { (ExactText(name), $0) }
  }

  private static func seconds(_ value: Double) -> String {
    let tenths = (value * 10).rounded() / 10
    return tenths == tenths.rounded() ? "\(Int(tenths)) s" : "\(tenths) s"
  }
}
