extension DeliveryEvent {
  /// True if the program may not go on before this event is safe from a power cut; every other one rides along
  /// with the next that must be (DESIGN, durability 2).
  public var mustBeDurable: Bool {
    switch self {
    // A claim is finished after a crash by what was written here: the rename may outlive a power cut, and may show the
    // files in both places. A set that the journal has forgotten would have lost its place in the order.
    case .claimBegun: true
    // From here on no other batch may be scheduled, and afterwards the set may leave `work/`.
    case .scheduleIntended, .scheduled: true
    case .rejected, .held, .skipped: true
    // What a person decided is acted on only when it cannot be forgotten.
    case .retried, .reopened, .approved, .approvedAsClean, .discarded, .foundScheduled, .foundUnscheduled:
      true
    case .claimed, .claimWithdrawn, .inspected, .controlMissed, .controlUploaded, .batchCreated,
      .fileUploaded,
      .batchAbandoned, .digestDiffered, .attemptFailed, .archived, .filed, .returned, .approvalReminded,
      .dryRunEnded, .removed:
      false
    }
  }
}
