public import ImportSystem

/// Why the service could not start, or had to end.
public enum ServiceFailure: Error, CustomStringConvertible {
  /// Another process works on the same directory.
  case busy(path: String, process: Int32?)
  /// State or spool cannot be made or opened.
  case cannotCreate(SystemError)
  /// The journal cannot be used, or cannot be used any longer.
  case journal(JournalFailure)
  /// The configuration cannot be used as it is.
  case configuration(String)

  public var description: String {
    switch self {
    case .busy(let path, let process):
      "'\(path)' is in use by \(process.map { "process \($0)" } ?? "another process"); only one haplo-importd may work "
        + "on it at a time"
    case .cannotCreate(let error): error.description
    case .journal(let failure): failure.description
    case .configuration(let text): text
    }
  }
}
