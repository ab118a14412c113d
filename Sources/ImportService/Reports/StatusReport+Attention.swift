import ImportCore

extension StatusReport {
  /// Lists everything that needs a person, gravest first. `unit` is what systemd calls the daemon.
  public func findAttention(unit: String) -> [Attention] {
    var list: [Attention] = []
    if daemon.state != "running" {
      list.append(.init(.critical, "the daemon is not running", command: "systemctl start \(unit)"))
    }
    if let obstacle = daemon.obstacle { list.append(.init(.critical, obstacle)) }
    if server.state != "failing", let trouble = serverTrouble { list.append(.init(.critical, trouble)) }
    for source in sources where source.watch == "lost" {
      list.append(
        .init(
          .critical, source: source.source, source.watchReason ?? "the drop directory is not there",
          command: "haplo-importd config"))
    }
    for outcome in [OutcomeState.failed, .stuck] {
      list += sources.compactMap { Self.troubled($0, outcome, .critical) }
    }
    if server.state == "failing", let trouble = serverTrouble {
      // Sets that wait for long because of it are counted themselves.
      list.append(.init(.warning, trouble, command: "haplo-importd config --online", isMonitored: false))
    }
    if let reason = outcomes.reason {
      list.append(
        .init(
          .warning,
          "outcomes have not been read since \(outcomes.since ?? ""): \(Self.joined(reason, outcomes.remedy))"
        ))
    }
    list += sources.compactMap { Self.troubled($0, .importedWithErrors, .warning) }
    for kind in Self.kinds { list += sources.compactMap(kind) }
    return list
  }

  /// The kinds of things that a source can have, gravest first.
  private static let kinds: [@Sendable (Source) -> Attention?] = [
    halted, folderless, unusable, sets("held", "set on hold", "sets on hold"),
    sets("rejected", "rejected set", "rejected sets"), overdue, incomplete,
    awaitingApproval, awaitingResult, stateOnly, deferred, paused,
  ]

  private var serverTrouble: String? {
    guard let reason = server.reason else { return nil }
    let prefix =
      server.state == "failing"
      ? "requests to the server have failed since \(server.since ?? "the start"): "
      : "deliveries are suspended since \(server.since ?? "the start"): "
    return prefix + Self.joined(reason, server.remedy)
  }

  /// A reason in the server's own words may end in a full stop.
  private static func joined(_ reason: String, _ remedy: String?) -> String {
    guard let remedy else { return reason }
    return (reason.hasSuffix(".") ? reason : reason + ".") + " " + remedy.prefix(1).uppercased()
      + remedy.dropFirst()
  }

  private static func troubled(_ source: Source, _ outcome: OutcomeState, _ severity: Attention.Severity)
    -> Attention?
  {
    let sets = source.troubles.filter { $0.outcome == outcome.rawValue }
    guard let last = sets.last else { return nil }
    let text =
      switch (outcome, sets.count) {
      case (.failed, 1): "the job of a set failed on the server"
      case (.failed, _): "the jobs of \(sets.count) sets failed on the server"
      case (.stuck, 1): "the job of a set is stuck on the server"
      case (.stuck, _): "the jobs of \(sets.count) sets are stuck on the server"
      case (_, 1): "a set was imported with errors"
      default: "\(sets.count) sets were imported with errors"
      }
    return .init(
      severity, source: source.source, count: sets.count, text, command: "haplo-importd show \(last.set)")
  }

  /// Nothing but the outcome of the job, or a person who looks, can tell whether the job exists.
  @Sendable private static func stateOnly(_ source: Source) -> Attention? {
    guard let last = source.stateOnly.last else { return nil }
    let count = source.stateOnly.count
    return .init(
      .warning, source: source.source, count: count,
      (count == 1 ? "a set was" : "\(count) sets were")
        + " scheduled earlier, confirmed by the state of the batch only. Check that the job is in the server's list of batches",
      command: "haplo-importd show \(last)", isMonitored: false)
  }

  @Sendable private static func halted(_ source: Source) -> Attention? {
    guard let stopped = source.stopped, !source.isPaused else { return nil }
    return .init(.warning, source: source.source, stopped, command: "haplo-importd resume \(source.source)")
  }

  @Sendable private static func paused(_ source: Source) -> Attention? {
    guard let stopped = source.stopped, source.isPaused else { return nil }
    return .init(
      .warning, source: source.source, stopped, command: "haplo-importd resume \(source.source)",
      isMonitored: false)
  }

  @Sendable private static func folderless(_ source: Source) -> Attention? {
    guard let first = source.folderGone.first else { return nil }
    let count = source.folderGoneCount
    // 'discard' is only for held and rejected sets. Those are cleared first, the others once they are the only ones left.
    let discarded = source.folderGone.filter { !source.folderGoneForApproval.contains($0) }
    let command =
      discarded.isEmpty
      ? "haplo-importd reject --reason TEXT \(source.folderGone.prefix(5).joined(separator: " "))"
      : "haplo-importd discard \(discarded.prefix(5).joined(separator: " "))"
    return .init(
      .warning, source: source.source, count: count,
      count == 1
        ? "the folder of set \(first) is gone" : "the folders of \(count) sets are gone, as of \(first)",
      command: command)
  }

  /// What can never be picked up as it is.
  @Sendable private static func unusable(_ source: Source) -> Attention? {
    paths(source, source.incoming.filter(\.isUnusable), "cannot be picked up", "paths cannot be picked up")
  }

  @Sendable private static func incomplete(_ source: Source) -> Attention? {
    paths(
      source, source.incoming.filter { $0.isOverdue && !$0.isUnusable },
      "has been incomplete for longer than IncompleteWarnSec=",
      "sets have been incomplete for longer than IncompleteWarnSec=")
  }

  private static func paths(_ source: Source, _ paths: [Incoming], _ one: String, _ many: String)
    -> Attention?
  {
    guard let first = paths.first else { return nil }
    return .init(
      .warning, source: source.source, count: paths.count,
      paths.count == 1 ? "'\(first.path)' \(one)" : "\(paths.count) \(many), as '\(first.path)'",
      command: "haplo-importd explain \(ShellWord("\(source.directory)/\(first.path)"))")
  }

  private static func sets(_ state: String, _ one: String, _ many: String) -> @Sendable (Source) -> Attention?
  { { source in sets(source.sets[state] ?? 0, of: source, state, one, many) } }

  private static func sets(_ count: Int, of source: Source, _ state: String, _ one: String, _ many: String)
    -> Attention?
  {
    guard count > 0 else { return nil }
    return .init(
      .warning, source: source.source, count: count, "\(count) \(count == 1 ? one : many)",
      command: "haplo-importd list --source \(source.source) --state \(state)")
  }

  @Sendable private static func awaitingApproval(_ source: Source) -> Attention? {
    let state = SetState.awaitingApproval.rawValue
    let count = (source.sets[state] ?? 0) - (source.awaitingResult ?? 0)
    var attention = sets(count, of: source, state, "set awaits approval", "sets await approval")
    attention?.isMonitored = source.approvalOverdue ?? 0 > 0
    return attention
  }

  /// Sets that go on by themselves if their dry run was clean.
  @Sendable private static func awaitingResult(_ source: Source) -> Attention? {
    var attention = sets(
      source.awaitingResult ?? 0, of: source, SetState.awaitingApproval.rawValue,
      "set waits for the result of its dry run", "sets wait for the results of their dry runs")
    attention?.isMonitored = source.approvalOverdue ?? 0 > 0
    return attention
  }

  @Sendable private static func overdue(_ source: Source) -> Attention? {
    guard let overdue = source.overdue else { return nil }
    return .init(
      .warning, source: source.source, "\(overdue). Check whether the exporting system still sends")
  }

  @Sendable private static func deferred(_ source: Source) -> Attention? {
    guard let count = source.sets["deferred"], count > 0 else { return nil }
    let next = source.next.map { ", next attempt at \($0)" } ?? ""
    let reason = source.oldestReason.map { ": \(PrintableText.joiningLines($0))" } ?? ""
    return .init(
      .warning, source: source.source, count: count,
      "\(count) \(count == 1 ? "set is" : "sets are") retried\(next)\(reason)",
      command: "haplo-importd list --source \(source.source) --state deferred",
      isMonitored: source.deferredLong ?? 0 > 0)
  }
}
