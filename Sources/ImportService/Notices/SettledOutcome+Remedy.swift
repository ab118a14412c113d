import ImportCore

extension SettledOutcome {
  /// What a person can do; nil where there is nothing to do.
  var remedy: String? {
    switch outcome.state {
    case .pending, .imported, .checked: nil
    case .importedWithErrors, .checkedWithErrors:
      "read the job's log with 'haplo-importd show --server-log \(set)'; records or values with errors are missing"
    case .failed:
      "read the job's log with 'haplo-importd show --server-log \(set)'; records before the failure may have been imported. "
        + "Correct the export and drop it again"
    case .stuck:
      "the job will never run or never end: the server was stopped in the middle. Have its administrator look, then import the "
        + "set again with 'haplo-importd retry --import-again \(set)'"
    case .unknown: "look for the batch in the server's list of batches"
    }
  }
}
