import ImportCore

extension HistoryLine {
  /// Describes one record of a set; nil for a record of something else.
  init?(_ record: JournalRecord) {
    guard case .event(let event, _) = record.entry else { return nil }
    self.init(time: record.time.rfc3339, event: event.name, detail: Self.detail(event))
  }

  private static func detail(_ event: DeliveryEvent) -> String {
    switch event {
    case .claimBegun(let claim): "\(claim.form.rawValue) '\(claim.name)' from \(claim.directory)"
    case .claimWithdrawn(let reason): reason
    case .inspected(let manifest): "\(manifest.files.count) data file\(manifest.files.count == 1 ? "" : "s")"
    case .controlUploaded(let shared): shared ? "by another set with the same control file" : "200"
    case .batchCreated(let batch, let server): "\(batch) at \(server)"
    case .fileUploaded(let key): "\(key): 200, digest equal"
    case .batchAbandoned(let reason), .digestDiffered(let reason), .rejected(let reason), .held(let reason):
      answer(reason)
    case .attemptFailed(let reason, let next, _): "\(answer(reason)); next attempt \(next.rfc3339)"
    case .scheduleIntended(let mode, let thenApproval, let ifClean):
      mode.rawValue
        + (ifClean == true
          ? ", then imported if clean" : thenApproval == true ? ", then a person decides" : "")
    case .approvedAsClean(let records):
      "by Mode=import-if-clean: 0 errors, \(records) record\(records == 1 ? "" : "s")"
    case .retried(let person, let importAgain): "by \(person)" + (importAgain ? ", to be imported again" : "")
    case .reopened(_, let person): "by \(person), to be imported again"
    case .approved(let person), .discarded(let person): "by \(person)"
    case .scheduled(let repeated): repeated ? "the server had scheduled it before" : "200 SCHEDULED"
    case .skipped(let other, let mode): "same bytes as \(other), \(mode.rawValue)"
    case .controlMissed: "the server does not have it yet"
    case .foundScheduled(let batch, let server, let mode, _): "\(batch) at \(server), \(mode.rawValue)"
    case .foundUnscheduled: "not in the server's list"
    case .dryRunEnded(_, let outcome): outcome.text + (outcome.reason.map { ": \($0)" } ?? "")
    case .claimed, .archived, .filed, .returned, .approvalReminded, .removed: ""
    }
  }

  private static func answer(_ reason: Reason) -> String {
    let place = [reason.step?.rawValue, reason.key, reason.http.map(String.init)].compactMap(\.self)
    return (place.isEmpty ? "" : place.joined(separator: " ") + ": ") + reason.text
  }
}
