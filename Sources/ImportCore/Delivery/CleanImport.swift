/// What follows by itself from the result of a dry run (`Mode=import-if-clean`).
public enum CleanImport: Hashable, Sendable {
  /// The result is not known yet.
  case waits
  /// The same bytes, of so many records, are to be imported.
  case imports(records: Int64)
  /// A person has to decide, for this reason.
  case person(String)

  /// Judges the dry run of a set whose import follows by itself from a clean one; nil for every other set. Nothing but the
  /// page of this very batch, which said `dry-run` with 0 errors, and our own count of at least one record lead to an import: a
  /// dry run of a set without records ends without errors as well.
  public init?(_ delivery: Delivery) {
    guard case .awaitingApproval = delivery.stage, delivery.importsIfClean == true else { return nil }
    self = delivery.dryRunOutcome.map { Self(dryRun: $0, delivery.manifest?.records) } ?? .waits
  }

  private init(dryRun outcome: JobOutcome, _ records: Int64?) {
    switch outcome.state {
    case .checked where outcome.errors == 0: self = Self.judging(records)
    case .checkedWithErrors: self = .person("the dry run ended with \(outcome.errors ?? 0) errors")
    case .failed: self = .person("the dry run failed on the server")
    case .stuck: self = .person("the dry run is stuck on the server")
    default:
      self = .person("the result of the dry run is unknown" + (outcome.reason.map { ": \($0)" } ?? ""))
    }
  }

  private static func judging(_ records: Int64?) -> CleanImport {
    guard let records else {
      return .person("the dry run ended without errors, but the set's records were not counted here")
    }
    return records > 0
      ? .imports(records: records) : .person("the dry run ended without errors, but the set has no records")
  }
}
