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
    return .waiting(
      .init(
        findings: change + findings, askAgain: time,
        arrival: findings.isEmpty ? arrival(of: members) : nil))
  }

  /// The place of the set in the order of arrival: for a folder by all that is inside.
  func arrival(of members: [String]) -> Arrival {
    let own = index.own?.arrived ?? subject.folder?.identity.changed ?? .min
    let files =
      isFolder
      ? index.entries.values.filter { $0.status.kind == .regular } : members.compactMap { index[$0] }
    let latest = files.lazy.map(\.arrived).max() ?? .min
    return Arrival(change: isFolder ? max(own, latest) : latest, name: subject.name)
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
}

extension Completeness {
  /// Waits while the set may not be moved, or asks whether it may; nil when it may.
  fileprivate func waitForMoving(_ members: [String]) -> IntakeVerdict? {
    guard let answer = evidence.moving else { return .needs(.writers(members)) }
    guard let obstacle = refusal(answer) else { return nil }
    return .waiting(.init(findings: [obstacle.finding(subject.name)]))
  }

  private func refusal(_ answer: MoveAnswer) -> EntryObstacle? {
    let directory = subject.directory
    switch answer {
    case .allowed: return nil
    case .readOnly:
      return EntryObstacle(
        "the daemon may not move files out of \(directory): its file system is mounted read-only",
        remedy: "mount it read-write; an error of the disk may have made it read-only: journalctl -k -p err"
      )
    case .directoryClosed:
      return EntryObstacle(
        "the daemon may not move files out of \(directory)",
        remedy: "make the directory writable for the daemon's user or group"
      )
    case .folderClosed(let obstacle): return obstacle
    case .sticky(let entry, let owner):
      return EntryObstacle(
        "the daemon may not move '\(entry)' of owner \(owner) out: in \(directory), which is sticky (mode +t), only "
          + "owners may",
        remedy: "chmod -t \(directory), or make the daemon's user the owner of that directory"
      )
    }
  }
}
