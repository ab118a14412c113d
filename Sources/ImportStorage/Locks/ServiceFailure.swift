public import ImportSystem

/// Why the service could not start, or had to end.
public enum ServiceFailure: Error, CustomStringConvertible {
  /// Another process works on the same directory: `process 708`, with `on HOST` where that may be another one; nil
  /// if it is not known.
  case busy(path: String, holder: String?)
  /// Another process works on a drop directory.
  case inUse(SystemError)
  /// State or spool cannot be made or opened.
  case cannotCreate(SystemError)
  /// The journal cannot be used, or cannot be used any longer.
  case journal(JournalFailure)
  /// The configuration cannot be used as it is.
  case configuration(String)

  public var description: String {
    switch self {
    case .busy(let path, let holder):
      "'\(path)' is in use by \(holder ?? "another process"); only one haplo-importd may work "
        + "on it at a time"
    case .inUse(let error), .cannotCreate(let error): error.description
    case .journal(let failure): failure.description
    case .configuration(let text): text
    }
  }
}
