public import ImportSystem

/// Why a set was not dropped. Nothing of it is in the drop directory then.
public enum DropFailure: Error {
  /// The paths cannot mean one set.
  case notOneSet(String)
  /// There is no such path.
  case noSuchPath(String)
  /// The set has errors, as `check` finds them; warnings are among the findings.
  case invalid([FileFinding])
  /// The set's name is no name for a set.
  case unusableName(String)
  /// The drop directory has an entry of this path.
  case nameTaken(String)
  /// The source's drop directory is missing.
  case noDropDirectory(String)
  /// This user may not write to the drop directory, which belongs to a user and a group.
  case notPermitted(SystemError, owner: String, group: String)
  /// A file was changed while it was copied.
  case changed(String)
  /// A signal came.
  case interrupted
  case system(SystemError)

  init(_ error: SystemError) { self = error.isCancelled ? .interrupted : .system(error) }
}
