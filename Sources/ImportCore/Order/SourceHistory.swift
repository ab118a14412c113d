/// What is known of a source beyond the sets that are on their way: what later ones are compared with, and when the last
/// one came. It stands in the journal, so neither a restart nor the pruning of the archive forgets it.
public struct SourceHistory: Hashable, Codable, Sendable {
  /// The last set that was scheduled as a dry run.
  public internal(set) var lastDryRun: ScheduledSet?
  /// The set whose dry run was the last that was accepted: a person or its result approved it, or it needs no
  /// approval. It takes the place of ``lastDryRun`` if that is rejected. Nil in records that do not have it.
  public internal(set) var acceptedDryRun: ScheduledSet?
  /// The last set that was scheduled for a real import.
  public internal(set) var lastImport: ScheduledSet?
  /// The last thousand sets that were scheduled as a dry run, oldest first; nil in a record that says nothing about them.
  public internal(set) var dryRuns: [RememberedSet]?
  /// The last thousand sets that were scheduled for a real import, oldest first; nil in a record that says nothing.
  public internal(set) var imports: [RememberedSet]?
  /// When the last set was taken.
  public internal(set) var arrived: Timestamp?
  /// From when the next set is waited for, if that is later: the source was resumed, or first expected to send, then.
  public internal(set) var awaitedSince: Timestamp?
  /// The alarm about no set having come, while it stands.
  public internal(set) var silence: Silence?

  /// The sets whose jobs failed, are stuck or had errors, until a set that was scheduled after that became known is imported
  /// without an error (for dry runs: or checked); oldest first, nil without any. Of more than ``mostTroubles`` the oldest are left out.
  public internal(set) var troubles: [TroubledSet]?

  /// The last sets whose scheduling only the state of their batch confirms and whose outcome is not known, oldest first; nil
  /// without any.
  public internal(set) var stateOnly: [StateOnlySet]?

  public init() {}

  /// Number of sets with such a confirmation that are remembered.
  public static let mostStateOnly = 20

  /// How many troubled sets are remembered.
  public static let mostTroubles = 100

  /// How many sets of each mode are remembered.
  public static let longestMemory = 1000

  /// The batches of the sets that are remembered.
  public var batches: [BatchID] { [lastDryRun, lastImport].compactMap { $0?.batch } }

  /// The last scheduled set of a mode.
  public func last(_ mode: ImportMode) -> ScheduledSet? { mode == .import ? lastImport : lastDryRun }

  /// The last set that the server at this URL scheduled with the same bytes in the same mode; nil if none is remembered.
  public func duplicate(of manifest: Manifest, _ mode: ImportMode, at server: String) -> RememberedSet? {
    let content = ContentFingerprint(manifest, server: server)
    // A journal of version 0.1 remembers only the last set.
    if let last = last(mode), last.server == server, last.hasSameContent(as: manifest) {
      return RememberedSet(set: last.set, time: last.time, content: content)
    }
    return remembered(mode).last { $0.content == content }
  }

  /// The set that was scheduled in this mode before a set or, if that was not scheduled in it, the last one; nil if none is
  /// remembered.
  public func previous(of set: SetID, _ mode: ImportMode) -> SetID? {
    let sets = remembered(mode)
    guard let place = sets.lastIndex(where: { $0.set == set }) else {
      return last(mode)?.set == set ? nil : last(mode)?.set
    }
    return place > 0 ? sets[place - 1].set : nil
  }

  /// The sets that the server has scheduled for a real import and that were complete later than `time`, oldest first.
  public func imports(completedAfter time: Timestamp) -> [RememberedSet] {
    remembered(.import).filter { $0.set.completed > time }
  }

  /// True if the server is known to have scheduled this set.
  public func hasScheduled(_ set: SetID) -> Bool {
    [ImportMode.import, .dryRun].contains { mode in
      last(mode)?.set == set || remembered(mode).contains { $0.set == set }
    }
  }

  /// The set that was scheduled last, in whichever mode.
  public var lastSet: ScheduledSet? { [lastImport, lastDryRun].compactMap(\.self).max { $0.time < $1.time } }

  /// When the last remembered set was scheduled.
  public var lastScheduled: Timestamp? { lastSet?.time }

  /// The same with the sets of an earlier one, where it says nothing about them.
  func keepingSets(of earlier: SourceHistory?) -> SourceHistory {
    var copy = self
    (copy.dryRuns, copy.imports) = (dryRuns ?? earlier?.dryRuns, imports ?? earlier?.imports)
    return copy
  }

  /// The same without the sets, for a record that is about arrivals only.
  public var withoutSets: SourceHistory {
    var copy = self
    (copy.dryRuns, copy.imports) = (nil, nil)
    return copy
  }

  private func remembered(_ mode: ImportMode) -> [RememberedSet] {
    (mode == .import ? imports : dryRuns) ?? []
  }

  private mutating func remember(_ delivery: Delivery, _ mode: ImportMode, at time: Timestamp) {
    guard let manifest = delivery.manifest, let scheduled = ScheduledSet(delivery, at: time) else { return }
    let content = ContentFingerprint(manifest, server: delivery.server ?? "")
    let sets = remembered(mode).suffix(Self.longestMemory - 1)
    let longer =
      sets + [RememberedSet(set: delivery.set, time: time, content: content, records: manifest.records)]
    if mode == .import {
      (lastImport, imports) = (scheduled, Array(longer))
    } else {
      (lastDryRun, dryRuns) = (scheduled, Array(longer))
      if !delivery.awaitsApproval { acceptedDryRun = scheduled }
    }
  }

  private mutating func forgetDryRun(of set: SetID) {
    if lastDryRun?.set == set { lastDryRun = acceptedDryRun }
    dryRuns?.removeAll { $0.set == set }
    if dryRuns?.isEmpty == true { dryRuns = nil }
  }
}

/// A set whose job needs a person.
public struct TroubledSet: Hashable, Codable, Sendable {
  public var set: SetID
  /// The outcome of its job.
  public var state: OutcomeState
  /// The mode in which the job was scheduled; nil, in records that do not have it, counts as an import.
  public var mode: ImportMode?
  /// When the outcome became known; nil in records that do not have it.
  public var since: Timestamp?
}

/// A set whose scheduling only the state of its batch confirms: a server that failed between storing that state and making
/// the job has no job.
public struct StateOnlySet: Hashable, Codable, Sendable {
  public var set: SetID
  /// When that answer came.
  public var time: Timestamp
}

extension SourceHistory {
  /// Records the outcome of a set's job, which became known at `time`. An import that ended without an error ends the trouble
  /// that was known when it was scheduled: an export is mostly a new version of the one before. What became known later stays, above
  /// all a stuck job, which only a later job's end proves. A dry run has imported nothing, so it ends the trouble of dry runs only.
  mutating func note(_ settled: SettledOutcome, at time: Timestamp) {
    let (set, state) = (settled.set, settled.outcome.state)
    if state != .unknown { forgetStateOnly(set) }
    let isOver = { (trouble: TroubledSet) in
      guard let since = trouble.since, let scheduled = settled.scheduled else { return true }
      return since <= scheduled
    }
    switch state {
    case .imported: removeTroubles(where: isOver)
    case .checked: removeTroubles { $0.mode == .dryRun && isOver($0) }
    case _ where state.needsAction:
      forgetTrouble(of: set)
      let trouble = TroubledSet(set: set, state: state, mode: settled.mode, since: time)
      troubles = Array(((troubles ?? []) + [trouble]).suffix(Self.mostTroubles))
    default: break
    }
  }

  /// Ends the trouble of a set on which a person has acted.
  mutating func forgetTrouble(of set: SetID) {
    removeTroubles { $0.set == set }
    forgetStateOnly(set)
  }

  private mutating func forgetStateOnly(_ set: SetID) {
    stateOnly?.removeAll { $0.set == set }
    if stateOnly?.isEmpty == true { stateOnly = nil }
  }

  private mutating func removeTroubles(where isOver: (TroubledSet) -> Bool) {
    troubles?.removeAll(where: isOver)
    if troubles?.isEmpty == true { troubles = nil }
  }

  /// Takes in what happened to a set of this source; `before` and `after` are the set itself. Throws, and changes
  /// nothing, if it was skipped for a set that is not remembered.
  mutating func apply(
    _ event: DeliveryEvent, before: Delivery, after: Delivery, at time: Timestamp
  ) throws(Contradiction) {
    if before.awaitsApproval, !after.awaitsApproval, !event.isRejection {
      acceptedDryRun = ScheduledSet(before, at: before.scheduledAt ?? time) ?? acceptedDryRun
    }
    switch (event, before.stage) {
    case (.claimed, _): noteArrival(at: time)
    case (.reopened, _), (.approved, _), (.discarded, _): forgetTrouble(of: after.set)
    case (.foundScheduled, .awaitingApproval):
      forgetTrouble(of: after.set)
      if let mode = after.scheduledMode { remember(after, mode, at: time) }
    case (.foundScheduled, _), (.inspected, _):
      guard let mode = after.scheduledMode else { break }
      remember(after, mode, at: time)
    case (.scheduled(let repeated), .inDoubt(_, let mode)):
      remember(after, mode, at: time)
      guard repeated else { break }
      stateOnly = ((stateOnly ?? []) + [StateOnlySet(set: after.set, time: time)]).suffix(Self.mostStateOnly)
    // Somebody did not want what the dry run showed: the same bytes, dropped again, are to be seen again.
    case (.rejected, .awaitingApproval):
      forgetDryRun(of: after.set)
      forgetTrouble(of: after.set)
    case (.rejected, _): forgetTrouble(of: after.set)
    case (.skipped(let other, let mode), _)
    where last(mode)?.set != other && !remembered(mode).contains { $0.set == other }:
      throw Contradiction("set \(after.set): skipped for \(other), which was not scheduled before")
    default: break
    }
  }
}

extension DeliveryEvent {
  /// True for what changes the memory of a source, or has to agree with it.
  var isRemembered: Bool {
    switch self {
    case .claimed, .scheduled, .rejected, .skipped, .reopened, .foundScheduled, .approved, .approvedAsClean,
      .discarded:
      true
    default: false
    }
  }

  fileprivate var isRejection: Bool { if case .rejected = self { true } else { false } }
}

extension Delivery {
  fileprivate var awaitsApproval: Bool { if case .awaitingApproval = stage { true } else { false } }

  /// What the set's batch is scheduled for; nil for a set that is not scheduled.
  fileprivate var scheduledMode: ImportMode? {
    switch stage {
    case .scheduled(_, let mode): mode
    case .awaitingApproval: .dryRun
    default: nil
    }
  }
}
