import ImportCore

extension SpoolReports {
  /// Everything about the set whose id begins with `prefix`, if there is exactly one.
  public func show(_ prefix: String) throws(Failure) -> ShownSet {
    let sets = try find(prefix)
    guard sets.count == 1, let set = sets.first else { return ShownSet(sets: sets, history: [], outlook: "") }
    let history = try history(of: set.set).compactMap { HistoryLine($0) }
    return ShownSet(sets: sets, history: history, outlook: try outlook(set))
  }

  /// What happens next, in a sentence.
  private func outlook(_ set: SetReport) throws(Failure) -> String {
    switch set.state {
    case .archived:
      return "nothing: the server has scheduled it, and its own list of jobs tells what became of it"
    case .skipped:
      return "nothing: the server has its bytes; 'haplo-importd retry --import-again' sends them all the same"
    case .rejected:
      return "nothing by itself: correct what is wrong and drop the set again, or mend its files/ and say "
        + "'haplo-importd retry \(set.set)'"
    case .awaitingApproval:
      return "nothing by itself: look at the dry run's result at the server, then say 'haplo-importd approve "
        + "\(set.set)', or 'reject'"
    case .held:
      return "nothing by itself: a person must decide, and say 'haplo-importd retry \(set.set)', or 'reject'"
    case .deferred: return "another attempt at \(set.next?.rfc3339 ?? "once")"
    case .scheduling: return "the same batch is scheduled again until the server confirms it"
    case .scheduled: return "it is moved to the archive"
    case .claimed, .uploading: return try waitingOutlook(set)
    }
  }

  private func waitingOutlook(_ set: SetReport) throws(Failure) -> String {
    let state = try state()
    if let stop = state.server.stop {
      return "nothing is sent until the server accepts requests: \(stop.reason.text)"
    }
    guard let first = state.queues[set.source]?.sets.first, first != set.set else {
      return "its files are uploaded"
    }
    return "it is uploaded now or soon, and scheduled after \(first)"
  }
}
