/// How long a set has been unchanged, and its place in the order of arrival.
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
        findings: changes + findings, askAgain: time,
        arrival: findings.isEmpty ? arrival(of: members) : nil))
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
