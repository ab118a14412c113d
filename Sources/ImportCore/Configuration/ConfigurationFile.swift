/// One file of the configuration as it was read: the main file or a drop-in.
public struct ConfigurationFile: Hashable, Sendable {
  /// Its path, for findings and origins.
  public let path: String
  /// All of its text.
  public let text: String

  /// Takes a file's path and text.
  public init(path: String, text: String) {
    self.path = path
    self.text = text
  }
}

/// What the process's environment says about directories, as systemd sets it for a unit.
public struct ConfigurationEnvironment: Hashable, Sendable {
  /// `$STATE_DIRECTORY`, the default of `StateDirectory=`.
  public var stateDirectory: String?
  /// `$RUNTIME_DIRECTORY`, the default of `RuntimeDirectory=`.
  public var runtimeDirectory: String?
  /// `$CREDENTIALS_DIRECTORY`, where the API key is looked for as `api-key`.
  public var credentialsDirectory: String?
  /// The absolute path of the directory of the main file, where the API key is looked for without credentials; nil: not known.
  public var configurationDirectory: String?
  /// The name of the instance that the configuration is of, which has default directories of its own; nil: none.
  public var instance: String?
  /// True if there is a credential `outcome-key` with a key in it.
  public var hasOutcomeCredential = false
  /// True if the service will get the file `outcome-key` next to the installed configuration as a credential.
  public var hasOutcomeKeyBeside = false

  /// Takes the directories; without any, the defaults of INTERFACE hold.
  public init(
    stateDirectory: String? = nil, runtimeDirectory: String? = nil, credentialsDirectory: String? = nil
  ) {
    self.stateDirectory = stateDirectory
    self.runtimeDirectory = runtimeDirectory
    self.credentialsDirectory = credentialsDirectory
  }

  /// Takes environment variables. systemd may give several directories with `:` between them, of which
  /// the first is meant; one that is not absolute counts as not given.
  public init(variables: [String: String]) {
    func directory(_ name: String) -> String? {
      guard let first = variables[name]?.split(separator: ":").first else { return nil }
      return AbsolutePath.normalized(String(first))
    }
    stateDirectory = directory("STATE_DIRECTORY")
    runtimeDirectory = directory("RUNTIME_DIRECTORY")
    credentialsDirectory = directory("CREDENTIALS_DIRECTORY")
  }
}
