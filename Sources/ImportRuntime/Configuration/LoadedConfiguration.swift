public import ImportCore

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
