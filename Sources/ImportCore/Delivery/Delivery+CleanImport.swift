/// What follows by itself from the result of a dry run (`Mode=import-if-clean`).
public enum CleanImport: Hashable, Sendable {
  /// The result is not known yet.
  case waits
  /// The same bytes, of so many records, are to be imported.
  case imports(records: Int64)
  /// A person has to decide, for this reason.
  case person(String)
}

extension Delivery {
  /// Judges the dry run of a set whose import follows by itself from a clean one; nil for every other set. Nothing but the
  /// page of this very batch, which said `dry-run` with 0 errors, and our own count of at least one record lead to an import: a
  /// dry run of a set without records ends without errors as well.
  public var cleanImport: CleanImport? {
    guard case .awaitingApproval = stage, importsIfClean == true else { return nil }
    guard let outcome = dryRunOutcome else { return .waits }
    switch outcome.state {
    case .checked where outcome.errors == 0: break
    case .checkedWithErrors: return .person("the dry run ended with \(outcome.errors ?? 0) errors")
    case .failed: return .person("the dry run failed on the server")
    case .stuck: return .person("the dry run is stuck on the server")
    default: return .person("the result of the dry run is unknown" + (outcome.reason.map { ": \($0)" } ?? ""))
    }
    guard let records = manifest?.records else {
      return .person("the dry run ended without errors, but the set's records were not counted here")
    }
    return records > 0
      ? .imports(records: records) : .person("the dry run ended without errors, but the set has no records")
  }

  /// The rule is checked here again, so that no mistake elsewhere can import what is not clean.
  mutating func applyApprovedAsClean(_ records: Int64, _ event: DeliveryEvent) throws(Contradiction) {
    guard cleanImport == .imports(records: records) else { throw contradiction(event) }
    try applyApproved(event)
  }
}
