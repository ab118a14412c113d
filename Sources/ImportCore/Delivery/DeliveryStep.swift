/// What is to be done next for a set. The shell performs it and records the event that came of it.
public enum DeliveryStep: Hashable, Sendable {
  /// Renames what still stands in the drop directory into `work/`.
  case finishClaim
  /// Reads the files and computes their digests.
  case inspect
  /// Uploads the control file.
  case uploadControl
  /// Creates a batch from the control file's digest.
  case createBatch
  /// Uploads the data file of this key.
  case uploadFile(key: String, batch: BatchID)
  /// Waits for the set's turn, looks at the files once more, and records the intent.
  case intendSchedule(batch: BatchID)
  /// Schedules the batch, for the first time or again.
  case schedule(batch: BatchID, mode: ImportMode)
  /// Gives the set to a person: a limit was reached that more tries would not mend.
  case hold(reason: Reason)
  /// Moves the folder of a set that is tried again back into `work/`.
  case moveBack(from: Delivery.Place)
  /// Waits until this time, then asks again.
  case wait(until: Timestamp)
  /// Writes the receipt and moves the set into the archive.
  case archive
  /// Writes the reason and moves the set to `rejected/`.
  case moveToRejected(reason: Reason)
  /// Writes the reason and moves the set to `held/`.
  case moveToHeld(reason: Reason)
  /// Deletes the folder of a discarded set.
  case remove(from: Delivery.Place)
}

extension Delivery {
  /// Other content found this often: whoever writes there has not finished, and a person must look.
  public static let contentChangesBeforeHold = 3
  /// Another digest from the server this often: what is sent does not arrive as it is here.
  public static let wrongDigestsBeforeHold = 5

  /// Identical answers after which a set is held, if the server accepted other requests meanwhile.
  public static let sameAnswersBeforeHold = 10

  /// Says what to do next; nil when nothing is left to do, or only a person can. A set that alone has failed for
  /// `holdAfter`, or has alone got the same answer ten times, is held, so that it does not stop its source for ever.
  public func nextStep(now: Timestamp, holdAfter: Duration) -> DeliveryStep? {
    if let reason = limitReached(now: now, holdAfter: holdAfter) { return .hold(reason: reason) }
    if let deferral = activeDeferral(now: now) { return .wait(until: deferral.next) }
    switch stage {
    case .claiming: return .finishClaim
    case .claimed: return .inspect
    case .prepared(let controlMissing): return controlMissing ? .uploadControl : .createBatch
    case .uploading(let batch, let uploaded): return uploadStep(batch: batch, uploaded: uploaded)
    case .inDoubt(let batch, let mode): return .schedule(batch: batch, mode: mode)
    case .scheduled, .skipped: return .archive
    case .rejected(let reason, let filed): return filed ? nil : .moveToRejected(reason: reason)
    case .held(let reason, let filed): return filed ? nil : .moveToHeld(reason: reason)
    case .returning(let place): return .moveBack(from: place)
    case .discarding(let place): return .remove(from: place)
    case .awaitingApproval, .finished: return nil
    }
  }

  private func limitReached(now: Timestamp, holdAfter: Duration) -> Reason? {
    guard isQueued else { return nil }
    if changedSinceDryRun == true, !mayBeScheduled { return .changedSinceDryRun }
    if contentChanges >= Self.contentChangesBeforeHold, !mayBeScheduled { return .contentKeepsChanging }
    if wrongDigests >= Self.wrongDigestsBeforeHold, !mayBeScheduled {
      return .digestsDiffer(deferral?.reason)
    }
    if let since = failingAloneSince, now.since(since) >= holdAfter { return .failedAlone(deferral?.reason) }
    if let repeatedAnswer, repeatedAnswer.count >= Self.sameAnswersBeforeHold {
      return .failedAlone(deferral?.reason)
    }
    return nil
  }

  private func uploadStep(batch: BatchID, uploaded: [String]) -> DeliveryStep {
    let waiting = manifest?.files.first { !uploaded.containsExactly($0.key) }
    guard let waiting else { return .intendSchedule(batch: batch) }
    return .uploadFile(key: waiting.key, batch: batch)
  }

  /// The deferral that still holds the set back at `now`. One that seems further away than any delay can be
  /// comes from a clock that was set back since, and counts as over. It is about the server: what is local (a move to the
  /// archive, say) does not wait for it.
  public func activeDeferral(now: Timestamp) -> Deferral? {
    guard let deferral, isQueued, deferral.next > now else { return nil }
    return deferral.next.since(now) <= Backoff.longest ? deferral : nil
  }

  /// The state as users see it.
  public func state(now: Timestamp) -> SetState {
    if activeDeferral(now: now) != nil { return .deferred }
    switch stage {
    case .claiming, .claimed, .prepared, .returning: return .claimed
    case .uploading: return .uploading
    case .inDoubt: return .scheduling
    case .scheduled: return .scheduled
    case .rejected: return .rejected
    case .held: return .held
    case .awaitingApproval: return .awaitingApproval
    case .skipped: return .skipped
    case .discarding(let place): return place == .held ? .held : .rejected
    case .finished: return sameAs == nil ? .archived : .skipped
    }
  }

  /// When a person is to be reminded that the set waits for approval, `span` after its dry run was scheduled or after the
  /// last reminder; nil for a set that does not wait for that. A time before which the clock was set back is over.
  public func reminderTime(every span: Duration, now: Timestamp) -> Timestamp? {
    guard case .awaitingApproval = stage, let last = remindedAt ?? scheduledAt else { return nil }
    return last > now ? now : last.advanced(by: span)
  }

  /// True if the set's dry run was scheduled longer ago than `span`, and it still awaits approval.
  public func awaitsApproval(longerThan span: Duration, now: Timestamp) -> Bool {
    guard case .awaitingApproval = stage, let since = scheduledAt else { return false }
    return since.advanced(by: span) < now
  }

  /// True if the set is in the queue, its last step failed, and it was claimed longer ago than `span`.
  public func hasFailed(longerThan span: Duration, now: Timestamp) -> Bool {
    guard isQueued, deferral != nil else { return false }
    return (claimedAt ?? claim.completed).advanced(by: span) < now
  }

  /// True for a rejected set that has been kept for `span` or longer at `now` (`RejectedKeepSec=`). A set rejected in the
  /// future (the clock was set back) is young.
  public func isRejected(for span: Duration, now: Timestamp) -> Bool {
    guard filedPlace == .rejected, let leftQueueAt else { return false }
    return now.since(leftQueueAt) >= span
  }

  /// The mode in which a set of a source with this mode is scheduled: after an approval always a real import.
  public func intent(mode: SourceMode) -> DeliveryEvent {
    if dryRunBatch != nil { return .scheduleIntended(mode: .import) }
    switch mode {
    case .dryRun: return .scheduleIntended(mode: .dryRun)
    case .import: return .scheduleIntended(mode: .import)
    case .approve: return .scheduleIntended(mode: .dryRun, thenApproval: true)
    case .importIfClean: return .scheduleIntended(mode: .dryRun, thenApproval: true, ifClean: true)
    }
  }

  /// Why it waits, was rejected or is held; nil while nothing is wrong.
  public var reason: Reason? {
    switch stage {
    case .rejected(let reason, _), .held(let reason, _): reason
    default: deferral?.reason
    }
  }
}

extension Reason {
  static let changedSinceDryRun = Reason(
    "the files were changed after the dry run that was approved",
    remedy: "retry the set for a new dry run of the changed files, or reject it")

  static let contentKeepsChanging = Reason(
    "the files kept changing after the claim",
    remedy:
      "find the program that still writes to them; let it write elsewhere and move the finished set into the drop "
      + "directory")

  static func digestsDiffer(_ last: Reason?) -> Reason {
    Reason(
      last?.text ?? "the server keeps returning another digest than the file has",
      remedy: "look for a proxy that alters uploads, or for failing memory or disks on either side",
      step: last?.step, key: last?.key, http: last?.http)
  }

  static func failedAlone(_ last: Reason?) -> Reason {
    Reason(
      last?.text ?? "this set alone keeps failing",
      remedy:
        "the server accepts other requests, but not this set's: ask the administrators of the server, and of any "
        + "proxy or firewall in front of it, for their logs, then retry or reject the set",
      step: last?.step, key: last?.key, http: last?.http)
  }
}
