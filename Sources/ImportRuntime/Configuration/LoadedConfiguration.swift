public import ImportCore
public import ImportSystem

/// A configuration with the keys that belong to it.
public struct LoadedConfiguration: Sendable {
  public var configuration: Configuration
  public var key: APIKey
  /// The place for a new key; nil: the file of `APIKeyFile=`.
  public var keyOrigin: CredentialOrigin?

  /// The key that reads the jobs pages; nil: outcomes are not read.
  public var outcomeKey: APIKey?
  /// Why the configured outcome key cannot be used: outcomes are not read, and all else goes on.
  public var outcomeKeyFailure: OutcomeKeyFailure?
  /// The place for a new outcome key; nil: the file of `OutcomeKeyFile=`.
  public var outcomeKeyOrigin: CredentialOrigin?

  /// Takes configuration and keys, and where the keys' files were copied from, if systemd did that.
  public init(
    configuration: Configuration, key: APIKey, keyOrigin: CredentialOrigin? = nil, outcomeKey: APIKey? = nil,
    outcomeKeyFailure: OutcomeKeyFailure? = nil, outcomeKeyOrigin: CredentialOrigin? = nil
  ) {
    self.configuration = configuration
    self.key = key
    self.keyOrigin = keyOrigin
    self.outcomeKey = outcomeKey
    self.outcomeKeyFailure = outcomeKeyFailure
    self.outcomeKeyOrigin = outcomeKeyOrigin
  }
}

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
