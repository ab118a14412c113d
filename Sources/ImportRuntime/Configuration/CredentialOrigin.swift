public import ImportCore
public import ImportSystem

/// The file from which systemd has copied a key when the service started (`LoadCredential=`). A reload reads the copy, so
/// a newer file is put in force by a restart only.
public struct CredentialOrigin: Sendable, Hashable {
  /// Where an administrator writes the key.
  public let path: String
  /// The copy that the daemon reads.
  public let copy: String
  /// The unit to be restarted.
  public let unit: String

  /// Nil if the key is no credential of systemd.
  ///
  /// - Parameter configurationPath: absolute path of the main configuration file; keys are next to it.
  public init?(
    _ configuration: Configuration, environment: ConfigurationEnvironment, configurationPath: String
  ) {
    guard let copy = configuration.server.apiKeyFile else { return nil }
    self.init(copy: copy, configuration, environment: environment, configurationPath: configurationPath)
  }

  /// The same for the outcome key; not nil either where the service has no such key yet.
  public init?(
    outcomeKeyOf configuration: Configuration, environment: ConfigurationEnvironment,
    configurationPath: String
  ) {
    guard
      let copy = configuration.server.outcomeKeyFile
        ?? environment.credentialsDirectory.map({ "\($0)/\(OutcomeKey.credential)" })
    else { return nil }
    self.init(copy: copy, configuration, environment: environment, configurationPath: configurationPath)
  }

  private init?(
    copy: String, _ configuration: Configuration, environment: ConfigurationEnvironment,
    configurationPath: String
  ) {
    guard let directory = environment.credentialsDirectory, copy.hasPrefix(directory + "/"),
      let slash = configurationPath.lastIndex(of: "/")
    else { return nil }
    self.copy = copy
    path = String(configurationPath[..<slash]) + String(copy.dropFirst(directory.count))
    unit = ServiceUnit(configuration).name
  }

  /// What to do to put a new key in force.
  public var remedy: String { "write a valid key to \(path), then run 'systemctl restart \(unit)'" }

  /// True if the file was changed after the copy was made. Blocks. False where that cannot be found out.
  public func isNewer(_ fileSystem: FileSystem) -> Bool {
    guard let original = Self.status(path, fileSystem), let copied = Self.status(copy, fileSystem) else {
      return false
    }
    return max(original.modificationTime, original.changeTime) > copied.modificationTime
  }

  /// The daemon may look at the file that it may not read.
  private static func status(_ path: String, _ fileSystem: FileSystem) -> FileStatus? {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return nil }
    let directory = try? fileSystem.openDirectory(String(path[..<slash]), for: "key")
    return try? directory?.status(String(path[path.index(after: slash)...]))
  }
}
