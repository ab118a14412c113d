extension Completeness {
  /// When the set will have been quiet for long enough: for a folder after the last change of anything in it.
  func quietAt(members: [String]) -> MonotonicInstant {
    let last = isFolder ? index.lastChange : members.compactMap { index[$0]?.unchangedSince }.max()
    return (last ?? now).advanced(by: rules.quiet)
  }

  /// A verdict to wait until nothing has changed for `QuietSec`; nil when that is so already.
  func waitForQuiet(members: [String], also findings: [IntakeFinding] = []) -> IntakeVerdict? {
    let time = quietAt(members: members)
    guard time > now else { return nil }
    let change = changing(members: members).map { [$0] } ?? []
    return .waiting(.init(findings: change + findings, askAgain: time))
  }

  /// Says what changed last; nil when the set is quiet.
  func changing(members: [String]) -> IntakeFinding? {
    guard quietAt(members: members) > now else { return nil }
    let known = isFolder ? Array(index.entries) : members.compactMap { name in entry(name) }
    let last = known.max { $0.value.unchangedSince < $1.value.unchangedSince }
    let since = isFolder ? index.lastChange : last?.value.unchangedSince
    let isLast = last?.value.unchangedSince == since
    let age = since.map { now.since($0).inSeconds } ?? 0
    return IntakeFinding(
      isLast ? prefix + (last?.key.text ?? "") : subject.name,
      "changed \(Self.seconds(age)) ago; taken when nothing has changed for "
        + Self.seconds(rules.quiet.inSeconds))
  }

  private func entry(_ name: String) -> (key: ExactText, value: DropIndex.Entry)? {
    index[name].map { (ExactText(name), $0) }
  }

  private static func seconds(_ value: Double) -> String {
    let tenths = (value * 10).rounded() / 10
    return tenths == tenths.rounded() ? "\(Int(tenths)) s" : "\(tenths) s"
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
      guard case .unreadable(let why) = file.answer, let entry = index[file.name] else { return nil }
      return unreadable(file.name, entry, why)
    }
    return closed.isEmpty ? mayRename(members) : .waiting(.init(findings: closed))
  }

  private func writers(of name: String) -> WriterAnswer? {
    guard let seen = evidence.writers[ExactText(name)], seen.identity == index[name]?.status.identity else {
      return nil
    }
    return seen.value
  }

  private func mayRename(_ members: [String]) -> IntakeVerdict? {
    guard let mayRename = evidence.mayRename else { return .needs(.writers(members)) }
    if mayRename { return nil }
    guard isFolder else {
      let finding = IntakeFinding(
        subject.name, "the daemon may not move files out of \(subject.directory)",
        remedy: "make the directory writable for the daemon's user or group", isFinal: true)
      return .waiting(.init(findings: [finding]))
    }
    let access = subject.folder?.access ?? "its owner"
    let finding = IntakeFinding(
      subject.name, "the daemon may not move this folder out (\(access))",
      remedy: "make it writable for the group: umask 002 or chmod g+w by its owner, or a default ACL "
        + "for the daemon on the drop directory and copying instead of moving", isFinal: true)
    return .waiting(.init(findings: [finding]))
  }
}
