public import ImportCore
public import ImportSystem

/// Says why there is no configuration to work with.
public enum ConfigurationFailure: Error, Hashable, Sendable {
  /// The files were read, and something in them is wrong.
  case invalid(ConfigurationErrors)
  /// A file or the directory of drop-ins cannot be read.
  case unreadable(SystemError)
  /// This process could read all of it, but the daemon's user cannot.
  case unreadableForDaemon(SystemError, user: String)
}

extension ConfigurationFailure: CustomStringConvertible {
  /// One finding a line, or the refused call with its remedy.
  public var description: String {
    switch self {
    case .invalid(let errors): errors.description
    case .unreadable(let error): "\(error)\(Self.remedy(for: error))"
    case .unreadableForDaemon(let error, let user):
      "the daemon's user \(user) cannot read the configuration: \(error). Run: chmod a+rX \(error.object)"
    }
  }

  private static func remedy(for error: SystemError) -> String {
    if error.isMissing { return "; write the configuration there, or name another file with --config FILE" }
    if error.isPermission { return "; run this as root, or as the daemon's user" }
    if error.isTooLarge { return ", more than any configuration" }
    return ""
  }
}
