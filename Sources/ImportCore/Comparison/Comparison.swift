/// Compares a set with those of its source that were scheduled in the same mode: with the last thousand for equal bytes
/// (`OnDuplicate=`), with the last one for its sizes (`ShrinkLimit=`) and records (``RecordGuards``). To be asked when the set's turn has come: as long as an earlier set is undecided, the last one is not known.
public struct Comparison: Sendable {
  private let onDuplicate: OnDuplicate
  private let shrinkLimit: ShrinkLimit?
  private let server: String
  let source: SourceName
  let guards: RecordGuards
  /// Where the settings are written, for the reasons.
  let origins: [ConfiguredValue]
  /// Results of comparing record keys: the answer to ``recordKeyDemands(_:intending:_:)``.
  public var keys: [ExactText: RecordKeyComparison] = [:]

  /// Takes what a source's configuration asks for, where that is written, and the server to which its sets go now.
  public init(_ source: SourceSettings, server: String, origins: [ConfiguredValue] = []) {
    self.source = source.name
    guards = source.guards
    self.origins = origins
    onDuplicate = source.onDuplicate
    shrinkLimit = source.shrinkLimit
    self.server = server
  }

  /// The event that takes the place of `intent`; nil if nothing speaks against the set. One that a person has approved, or
  /// has let go on after it was held for the same cause, goes on.
  public func objection(
    to delivery: Delivery, intending intent: DeliveryEvent, _ history: SourceHistory
  ) -> DeliveryEvent? {
    guard case .scheduleIntended(let mode, _, _) = intent, delivery.dryRunBatch == nil,
      let manifest = delivery.manifest
    else { return nil }
    return duplicate(delivery, manifest, mode, history)
      ?? history.last(mode).flatMap { shrunk(delivery, manifest, $0) }
      ?? guarded(delivery, manifest, history.last(mode))
  }

  /// The data files whose record keys are to be compared with those of the last set, and that set, before ``objection`` is
  /// asked; nil if none are.
  public func recordKeyDemands(
    _ delivery: Delivery, intending intent: DeliveryEvent, _ history: SourceHistory
  ) -> (last: SetID, files: [RecordKeyDemand])? {
    guard case .scheduleIntended(let mode, _, _) = intent, delivery.dryRunBatch == nil,
      guards.removalLimit != nil, !delivery.wasHeld(for: .guarded), let manifest = delivery.manifest,
      let last = history.last(mode)
    else { return nil }
    let demands = guards.demands(
      manifest.files.map { GuardedFile($0) }, since: last.files.map { GuardedFile($0) })
    return demands.isEmpty ? nil : (last.set, demands)
  }

  /// A set that another server has is none that this one has.
  private func duplicate(
    _ delivery: Delivery, _ manifest: Manifest, _ mode: ImportMode, _ history: SourceHistory
  ) -> DeliveryEvent? {
    guard onDuplicate != .import, !delivery.wasHeld(for: .duplicate),
      let other = history.duplicate(of: manifest, mode, at: server)
    else { return nil }
    return onDuplicate == .skip
      ? .skipped(sameAs: other.set, mode: mode) : .held(reason: .duplicate(of: other, delivery.set))
  }

  private func shrunk(_ delivery: Delivery, _ manifest: Manifest, _ last: ScheduledSet) -> DeliveryEvent? {
    guard let shrinkLimit, !delivery.wasHeld(for: .shrunk) else { return nil }
    let findings = shrinkLimit.findings(
      manifest.files.map { GuardedFile($0) }, since: last.files.map { GuardedFile($0) })
    guard !findings.isEmpty else { return nil }
    return .held(reason: .shrunk(findings, since: last, shrinkLimit, delivery.set))
  }
}

extension Reason {
  static func duplicate(of other: RememberedSet, _ set: SetID) -> Reason {
    Reason(
      "it has the same bytes as set \(other.set), which was scheduled at \(other.time.rfc3339) (OnDuplicate=hold)",
      remedy:
        "run 'haplo-importd retry \(set)' to send it all the same, or 'haplo-importd reject \(set) --reason TEXT'",
      cause: .duplicate)
  }

  static func shrunk(
    _ findings: [String], since last: ScheduledSet, _ limit: ShrinkLimit, _ set: SetID
  ) -> Reason {
    Reason(
      (findings + ["compared with set \(last.set), scheduled at \(last.time.rfc3339) (ShrinkLimit=\(limit))"])
        .joined(separator: "\n"),
      remedy:
        "if the export is right, run 'haplo-importd retry \(set)'; if it is wrong, run 'haplo-importd reject \(set) "
        + "--reason TEXT' and export it again", cause: .shrunk)
  }
}

/// Comparing the records of a set with those of the last scheduled one.
extension Comparison {
  /// Holds a set whose records are not as the source's guards want them. All that speaks against it is in one reason, so that
  /// a person who retries the set has seen all of it.
  func guarded(_ delivery: Delivery, _ manifest: Manifest, _ last: ScheduledSet?) -> DeliveryEvent? {
    guard !delivery.wasHeld(for: .guarded) else { return nil }
    var findings = guards.findings(
      manifest.files.map { GuardedFile($0) }, since: last?.files.map { GuardedFile($0) }, keys: keys
    ) { origins.setting($0, $1, of: source) }
    guard !findings.isEmpty else { return nil }
    if let last { findings.append("compared with set \(last.set), scheduled at \(last.time.rfc3339)") }
    return .held(reason: .guarded(findings, delivery.set, isFirst: last == nil))
  }
}

extension [ConfiguredValue] {
  /// A setting of a source as it is written, and where: `ChangeLimit=20% (FILE:7)`.
  public func setting(_ name: String, _ value: String, of source: SourceName) -> String {
    let origin = first { ExactText($0.key) == ExactText(name) && $0.section == "Source \(source)" }?.origin
    return "\(name)=\(value)" + (origin.map { " (\($0))" } ?? "")
  }
}

extension Reason {
  fileprivate static func guarded(_ findings: [String], _ set: SetID, isFirst: Bool) -> Reason {
    // 'diff' has nothing to compare the first set with.
    let look = isFirst ? "look at the files in files/" : "compare with 'haplo-importd diff \(set)'"
    return Reason(
      findings.joined(separator: "\n"),
      remedy: "\(look). If the export is right, run 'haplo-importd retry \(set)'; if it is "
        + "wrong, run 'haplo-importd reject \(set) --reason TEXT'", cause: .guarded)
  }
}

/// Result of comparing the record keys of two sets of the same source, for one key of the control file.
public enum RecordKeyComparison: Hashable, Sendable {
  /// The last set had `before` different keys, of which `missing` are not in this one.
  case counted(before: Int64, missing: Int64)
  /// They could not be compared, although the keys of the last set were recorded: why.
  case failed(String)
}

/// A data file whose record keys are to be compared with those of the last scheduled set.
public struct RecordKeyDemand: Hashable, Sendable {
  /// Key of the control file's `files`.
  public var key: String
  /// The field that identifies a record.
  public var field: String
  /// False if the set does not have this file.
  public var isThere: Bool
  /// True if the set's own keys were recorded.
  public var isRecorded: Bool
}
