public import ImportCore
public import ImportSystem

/// Why the journal cannot be used, or cannot be used any longer.
public enum JournalFailure: Error, CustomStringConvertible {
  /// It cannot be trusted, and nothing was touched.
  case damaged(path: String, JournalDamage)
  /// It could not be opened or made.
  case unavailable(SystemError)
  /// A write or sync failed: what is on the disk is not known any more, so nothing more is recorded.
  case poisoned(SystemError)
  /// The file was deleted or replaced while it was in use: what is written to it is lost.
  case replaced(path: String)
  /// An event could not follow the ones before it: our bug.
  case contradiction(Contradiction)

  public var description: String {
    switch self {
    case .damaged(let path, let damage): "journal \(path), \(damage). \(damage.remedy)"
    case .unavailable(let error): "journal not available: \(error)"
    case .poisoned(let error): "the journal cannot be written any more: \(error)"
    case .replaced(let path):
      "the journal \(path) was deleted or replaced while the daemon was running; at the next start the sets in work/ are "
        + "held, unless the file is back"
    case .contradiction(let contradiction): contradiction.description
    }
  }
}
