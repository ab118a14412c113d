import ImportCore
import ImportRuntime
import ImportService

/// What is told of the server's jobs, compared with what became of them.
extension World {
  /// Takes the line that says what became of a job. Whatever the pages showed, it must be true of this very batch.
  func hearOutcome(_ event: LogEvent) {
    switch event.kind {
    case .outcomeGood: mark(.outcomeGood)
    case .outcomeWithErrors: mark(.outcomeWithErrors)
    case .outcomeFailed: mark(.outcomeFailed)
    case .outcomeStuck: mark(.outcomeStuck)
    default: mark(.outcomeUnknown)
    }
    guard let batch = event["batch"], let outcome = event["outcome"] else {
      return problems.append("an outcome has no batch")
    }
    let errors = event["errors"].flatMap { Int64($0) }
    if let problem = server.contradiction(of: batch, outcome, errors: errors) {
      problems.append("set \(event["set"] ?? ""): \(problem)")
    }
  }

  /// Compares what `list` says of sets with the rule that whatever waits has a reason.
  func judgeReasons(_ reports: [SetReport]) {
    // The reason of a set that is being deleted is not told any more.
    for report in reports where !doomed.contains(report.set.text) {
      let hasReason = report.reason?.isEmpty == false
      switch report.state {
      case .deferred, .held, .rejected:
        if !hasReason { problems.append("set \(report.set) is \(report.state.rawValue) without a reason") }
      case .awaitingApproval where report.mode == "import-if-clean" && !hasChangedModes:
        if hasReason { mark(.awaitingWithReason) }
        let outcome = report.outcome?.state ?? .pending
        if outcome != .pending, outcome != .checked, !hasReason {
          problems.append(
            "set \(report.set) awaits approval without a reason, its dry run being \(outcome.rawValue)")
        }
      default: break
      }
    }
  }

  /// False for a set that is to be imported by itself.
  func needsPerson(_ report: SetReport) -> Bool {
    report.mode != "import-if-clean" || hasChangedModes || report.reason?.isEmpty == false
  }
}

extension ServerModel {
  /// Compares an outcome with the job of its batch; nil if it is true, or says nothing.
  func contradiction(of batch: String, _ outcome: String, errors: Int64?) -> String? {
    guard let job = job(of: batch) else {
      let isTrue = outcome == "unknown" || (outcome == "stuck" && halfScheduled.contains(batch))
      return isTrue ? nil : "outcome \(outcome) of batch \(batch.suffix(4)), which has no job"
    }
    switch outcome {
    case "unknown": return nil
    case "stuck": return job.isKilled ? nil : "outcome stuck, and the job is \(job.state)"
    default:
      let shown = job.state == "error" || job.errors == 0 ? nil : job.errors
      let isTrue = job.outcome == outcome && (errors ?? 0) == (shown ?? 0)
      return isTrue
        ? nil : "outcome \(outcome) (\(errors ?? 0)), and the job is \(job.state) (\(job.errors ?? 0))"
    }
  }
}
