public import ImportCore

/// What is configured, with the key that goes with it.
public struct LoadedConfiguration: Sendable {
  public var configuration: Configuration
  public var key: APIKey
  /// Where a new key is put; nil: in the file of `APIKeyFile=`.
  public var keyOrigin: CredentialOrigin?

  /// The key that reads the jobs pages; nil: outcomes are not read.
  public var outcomeKey: APIKey?
  /// Why the configured outcome key cannot be used: outcomes are not read, and all else goes on.
  public var outcomeKeyFailure: OutcomeKeyFailure?
  /// Where a new outcome key is put; nil: in the file of `OutcomeKeyFile=`.
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
