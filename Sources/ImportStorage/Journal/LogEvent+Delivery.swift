public import ImportCore
public import ImportRuntime

extension LogEvent {
  /// The line for an event of a set, just recorded; `delivery` is the set as it is afterwards. Nil where the state that
  /// users see did not change.
  public init?(_ event: DeliveryEvent, _ delivery: Delivery, spool: Spool) {
    guard let kind = LogKind(event), !Self.isSilent(event, delivery) else { return nil }
    self = LogEvent(kind).with("set", delivery.set).with("source", delivery.source)
      .with("state", Self.state(event, delivery)?.rawValue)
    switch event {
    case .claimed: self = with("name", delivery.claim.name)
    case .batchCreated(let batch, _):
      self = with("batch", batch).with("files", delivery.manifest?.files.count)
    case .fileUploaded(let key): self = uploaded(key, delivery)
    case .scheduleIntended(let mode, _, _): self = with("batch", delivery.batch).with("mode", mode.rawValue)
    case .scheduled: self = scheduled(delivery)
    case .archived: self = with("path", spool.path(.archive, of: delivery.set))
    case .skipped(let other, let mode):
      self = with("same-as", other).with("mode", mode.rawValue)
        .with("reason", Reason.skipped(other).text).with("path", spool.path(.archive, of: delivery.set))
    case .attemptFailed(let reason, let next, _):
      self = with("attempt", delivery.attempts - 1).with("next", next.rfc3339).with(reason, delivery)
    case .batchAbandoned(let reason), .digestDiffered(let reason):
      self = with("orphan", delivery.orphans.last).with(reason, delivery)
    case .rejected(let reason):
      self = with(reason, delivery).with("path", spool.path(.rejected, of: delivery.set))
    case .held(let reason):
      self = with("batch", delivery.heldInDoubt).with(reason, delivery).with(
        "path", spool.path(.held, of: delivery.set))
    case .claimWithdrawn(let reason): self = with("name", delivery.claim.name).with("reason", reason)
    case .retried(let person, let importAgain):
      self = with("decision", "retry").with("by", person).with("import-again", importAgain ? "yes" : nil)
    case .reopened(_, let person):
      self = with("decision", "retry").with("by", person).with("import-again", "yes")
    case .approved(let person):
      self = with("decision", "approve").with("by", person).with("batch", delivery.dryRunBatch)
    case .approvedAsClean(let records):
      self = with("decision", "approve").with("by", "Mode=import-if-clean").with("records", records)
        .with("batch", delivery.dryRunBatch)
    case .approvalReminded: self = approvalOverdue(delivery)
    case .foundScheduled(let batch, _, let mode, _):
      self = with("batch", batch).with("mode", mode.rawValue).with(
        "reason", "the server's list has it as scheduled")
    case .foundUnscheduled: self = with("reason", "the server's list has no scheduled batch of it")
    case .dryRunEnded: break
    case .discarded(let person): self = with("decision", "discard").with("by", person)
    case .claimBegun, .inspected, .controlMissed, .controlUploaded, .filed, .returned, .removed: break
    }
  }

  /// A skipped set is skipped for good: that its folder stands in the archive changes nothing.
  private static func isSilent(_ event: DeliveryEvent, _ delivery: Delivery) -> Bool {
    event == .archived && delivery.sameAs != nil
  }

  /// A set that was withdrawn never came to be, and one that was discarded is forgotten: neither has a state.
  private static func state(_ event: DeliveryEvent, _ delivery: Delivery) -> SetState? {
    switch event {
    case .claimWithdrawn, .discarded: nil
    case .attemptFailed: .deferred
    case .scheduleIntended: .scheduling
    default: delivery.state(now: Timestamp(microseconds: .max))
    }
  }

  private func uploaded(_ key: String, _ delivery: Delivery) -> LogEvent {
    let content = delivery.manifest?.content(of: key)
    return with("step", ServerStep.file.rawValue).with("key", key).with("file", content?.file)
      .with("size", content?.size)
  }

  private func scheduled(_ delivery: Delivery) -> LogEvent {
    guard delivery.isStateOnly != true else { return scheduledByState(delivery) }
    if case .awaitingApproval(let batch) = delivery.stage {
      return with("batch", batch).with("mode", ImportMode.dryRun.rawValue)
        .with("records", delivery.manifest?.records)
        .with(
          "reason",
          delivery.importsIfClean == true
            ? "the dry run is scheduled; the import follows by itself if the dry run ends without errors"
            : "the dry run is scheduled; check its result at the server, then approve or reject the set")
    }
    guard case .scheduled(let batch, let mode) = delivery.stage else { return self }
    return with("batch", batch).with("mode", mode.rawValue).with("files", delivery.manifest?.files.count)
      .with("records", delivery.manifest?.records).with("attempts", delivery.attempts)
  }

  /// The batch is scheduled, and whether its job exists is not proven (docs/server.md, "What retrying does").
  private func scheduledByState(_ delivery: Delivery) -> LogEvent {
    var event = with("batch", delivery.batch).with("files", delivery.manifest?.files.count)
      .with("records", delivery.manifest?.records).with("attempts", delivery.attempts).with(
        "confirmed", Receipt.Confirmation.stateOnly.rawValue)
    guard let status = delivery.scheduleFailure else {
      return event.with("reason", Reason.confirmedByState.text)
    }
    event.priority = .warning
    return event.with("http", status).with(
      "reason",
      "\(Reason.confirmedByState.text); the server had answered an earlier call with status \(status), so "
        + "that its job may not exist"
    )
    .with(
      "remedy", "check the server's list of batch import jobs: the batch must not stay in state 'scheduled'")
  }

  private func approvalOverdue(_ delivery: Delivery) -> LogEvent {
    let waiting = delivery.scheduledAt.flatMap { delivery.remindedAt?.since($0) } ?? .zero
    return with("batch", delivery.batch)
      .with("waiting", TimeSpan.text(.seconds(max(waiting.components.seconds, 0))))
      .with("reason", "its dry run is scheduled, and it has been neither approved nor rejected")
      .with(
        "remedy",
        "check the dry run's result at the server, then run 'haplo-importd approve' or 'haplo-importd reject'"
      )
  }

  private func with(_ reason: Reason, _ delivery: Delivery) -> LogEvent {
    with("step", reason.step?.rawValue).with("key", reason.key).with("file", Self.file(of: reason, delivery))
      .with("http", reason.http).with("reason", PrintableText.joiningLines(reason.text))
      .with("remedy", reason.remedy)
  }

  /// The file that a reason is about: that of its key, or the control file where its upload failed.
  private static func file(of reason: Reason, _ delivery: Delivery) -> String? {
    guard reason.key != nil || reason.step == .control else { return nil }
    return delivery.manifest?.content(of: reason.key)?.file
  }
}

extension LogKind {
  /// The kind of line that an event deserves; nil for none.
  fileprivate init?(_ event: DeliveryEvent) {
    switch event {
    case .claimed: self = .setClaimed
    case .batchCreated: self = .setUploading
    case .fileUploaded: self = .fileUploaded
    case .scheduleIntended: self = .setScheduling
    case .scheduled: self = .setScheduled
    case .archived: self = .setArchived
    case .attemptFailed: self = .setDeferred
    case .batchAbandoned, .digestDiffered: self = .batchAbandoned
    case .rejected: self = .setRejected
    case .held: self = .setHeld
    case .claimWithdrawn: self = .setWithdrawn
    case .skipped: self = .setSkipped
    case .retried, .reopened: self = .setRetried
    case .approved, .approvedAsClean: self = .setApproved
    case .approvalReminded: self = .approvalOverdue
    case .foundScheduled, .foundUnscheduled: self = .setReconciled
    case .discarded: self = .setDiscarded
    case .claimBegun, .inspected, .controlMissed, .controlUploaded, .filed, .returned, .removed, .dryRunEnded:
      return nil
    }
  }
}

extension Reason {
  /// What is to be known of a set whose batch's state is the only proof that it is scheduled.
  public static let confirmedByState = Reason("scheduled earlier, confirmed by state only")

  /// Why a set was skipped.
  public static func skipped(_ other: SetID) -> Reason {
    Reason("it has the same bytes as set \(other), which was scheduled (OnDuplicate=skip)")
  }
}
