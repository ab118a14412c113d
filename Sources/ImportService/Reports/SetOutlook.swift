import ImportCore
import ImportSystem

/// The next thing that happens to a set, in a sentence for people.
struct SetOutlook {
  private let reports: SpoolReports
  private let set: SetReport

  init(_ reports: SpoolReports, _ set: SetReport) {
    self.reports = reports
    self.set = set
  }

  /// The sentence.
  var text: String {
    let id = set.set
    if reports.obstacles?.obstacle(to: id) != nil, let reason = set.reason, let remedy = set.remedy {
      return "nothing at present: \(reason); \(remedy)"
    }
    if let moving = movingOutlook { return moving }
    switch set.state {
    case .rejected where reports.isFolderGone(set), .held where reports.isFolderGone(set),
      .awaitingApproval where reports.isFolderGone(set):
      return "nothing: the set's folder is gone. Drop the set again if it is still wanted, and run "
        + (set.state == .awaitingApproval
          ? "'haplo-importd reject \(id) --reason TEXT'" : "'haplo-importd discard \(id)'")
    case .archived: return archivedOutlook
    case .skipped:
      return
        "nothing: the server has the same bytes. 'haplo-importd retry --import-again \(id)' sends them all the same"
    case .rejected:
      return
        "nothing by itself. Correct the export and drop it again, or correct the files in files/ and run "
        + "'haplo-importd retry \(id)'; 'haplo-importd discard \(id)' deletes the set" + ageWarning
    case .awaitingApproval where set.remedy == nil:
      return "the set is imported if its dry run ends without errors and it has records"
    case .awaitingApproval where set.outcome != nil:
      return "nothing by itself. \(dryRunWords). Run 'haplo-importd approve \(id)' or "
        + "'haplo-importd reject \(id) --reason TEXT'"
    case .awaitingApproval:
      return
        "nothing by itself. Look at the dry run's result on the server, then run 'haplo-importd approve \(id)' or "
        + "'haplo-importd reject \(id) --reason TEXT'"
    case .held:
      return
        "nothing by itself: the set is on hold and needs your decision. Run 'haplo-importd retry \(id)' or "
        + "'haplo-importd reject \(id) --reason TEXT'" + ageWarning
    case .deferred where reports.journal.stop(set.source) != nil: return waitingOutlook
    case .deferred: return "another attempt at \(set.next?.rfc3339 ?? "once")"
    case .scheduling: return "the same batch is scheduled again until the server confirms it"
    case .scheduled: return "the set is moved to the archive"
    case .claimed, .uploading: return waitingOutlook
    }
  }

  private var ageWarning: String {
    let warning = OlderSet.warning(
      completed: set.completed, set.set.source, reports.journal.history(set.set.source))
    return warning.map { ". Warning: \($0)" } ?? ""
  }

  /// The outlook of a set that left the queue and whose folder is not in its place yet; nil for any other.
  private var movingOutlook: String? {
    switch reports.journal.delivery(set.set)?.stage {
    case .discarding: "the set was discarded: its files are deleted"
    case .rejected(_, filed: false): "the set's folder is moved to rejected/"
    case .held(_, filed: false): "the set's folder is moved to held/"
    default: nil
    }
  }

  private var dryRunWords: String {
    switch set.outcome?.state {
    case .pending where set.isOutcomeUnread: "The dry run's result is not read at present"
    case .pending: "The dry run has not ended yet"
    case .checked: "The dry run ended without errors"
    case .checkedWithErrors: "The dry run ended with \(set.outcome?.errors ?? 0) errors"
    case .failed, .stuck: "The dry run failed: importing these bytes will fail as well"
    default: "The dry run's result is not known; look at it on the server"
    }
  }

  private var archivedOutlook: String {
    guard let outcome = set.outcome else {
      return "nothing: the server scheduled the set. Its list of batch import jobs shows the outcome"
    }
    switch outcome.state {
    case .pending where set.isOutcomeUnread:
      return "nothing until outcomes are read again: 'haplo-importd status' says what to do"
    case .pending: return "the outcome of the set's job is read from the server's pages"
    case .imported, .checked: return "nothing: the job ended without errors"
    case .importedWithErrors, .checkedWithErrors, .failed, .stuck, .unknown:
      guard let batch = set.batch, let server = set.server,
        let mode = set.mode.flatMap({ ImportMode(rawValue: $0) })
      else { return "nothing" }
      let job = OpenOutcome(set: set.set, batch: batch, server: server, mode: mode, scheduled: reports.now)
      return "nothing by itself: " + (SettledOutcome(job, outcome).remedy ?? "look at the server")
    }
  }

  private var waitingOutlook: String {
    if let stop = reports.journal.server().stop {
      return "deliveries are suspended until the server accepts requests: \(stop.reason.text)"
    }
    if let stop = reports.journal.stop(set.source) { return "nothing at present: \(stop)" }
    guard let first = reports.journal.first(set.source), first != set.set else {
      return "the set's files are uploaded"
    }
    return "the set is uploaded now or soon, and scheduled after \(first)"
  }
}

/// A warning for a person who is about to import a set after newer ones of its source: an export of all records then replaces
/// newer data by older.
enum OlderSet {
  /// The warning; nil if no newer set was imported. `completed` is when the set was complete in its drop directory.
  static func warning(completed: Timestamp, _ source: SourceName, _ history: SourceHistory) -> String? {
    let newer = history.imports(completedAfter: completed)
    guard let last = newer.last else { return nil }
    let sets =
      newer.count == 1
      ? "a newer set of source \(source) was" : "\(newer.count) newer sets of source \(source) were"
    return "\(sets) scheduled for import already (\(newer.count == 1 ? "" : "the last one: ")\(last.set)), "
      + "so importing this one may replace newer data by older"
  }
}
