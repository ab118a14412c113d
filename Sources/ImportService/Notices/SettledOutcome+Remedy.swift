import ImportCore

extension SettledOutcome {
  /// The action that is left to a person; nil where there is none.
  var remedy: String? {
    switch outcome.state {
    case .pending, .imported, .checked: nil
    case .importedWithErrors, .checkedWithErrors:
      "read the job's log with 'haplo-importd show --server-log \(set)'; records or values with errors are missing"
    case .failed:
      "read the job's log with 'haplo-importd show --server-log \(set)'; records before the failure may have been imported. "
        + "Correct the export and drop it again"
    case .stuck:
      "the job will never run or never end: the server was stopped in the middle. Ask the server's administrator, who can see "
        + "the job at \(page), then import the set again with 'haplo-importd retry --import-again \(set)'"
    case .unknown:
      "look for the set's batch in the server's list of batches: \(server)\(BatchListRow.listPath)"
    }
  }

  /// Address of the batch's page, or of the list where its number is not known.
  private var page: String {
    server + (number.map { "\(BatchListRow.pagePath)\($0)" } ?? BatchListRow.listPath)
  }
}
