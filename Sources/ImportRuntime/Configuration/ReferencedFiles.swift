public import ImportCore
public import ImportSystem

/// Looks whether the files are there that a configuration names, the API key's apart: certificates, keys and
/// fixed control files.
public enum ReferencedFiles {
  /// Those without which no connection can be made.
  private static let tlsKeys = ["CAFile", "ClientCertificateFile", "ClientKeyFile"]
  /// Those that are read for each set, and may come later.
  private static let laterKeys = ["ControlFile"]

  /// A warning for each file that cannot be opened, at the line that names it. Blocks on the disk.
  public static func warnings(_ configuration: Configuration, fileSystem: FileSystem = FileSystem())
    -> [ConfigurationFinding]
  {
    findings(.warning, tlsKeys + laterKeys, configuration, fileSystem)
  }

  /// Throws an error for each file that TLS needs and that cannot be opened, and for a client key that is encrypted or
  /// readable by others, at the line that names it. Blocks on the disk.
  public static func checkForTLS(_ configuration: Configuration, fileSystem: FileSystem = FileSystem())
    throws(ConfigurationFailure)
  {
    let errors =
      findings(.error, tlsKeys, configuration, fileSystem)
      + clientKeyErrors(configuration, fileSystem: fileSystem)
    if !errors.isEmpty { throw .invalid(ConfigurationErrors(findings: errors)) }
  }

  /// An error for a client key that has a pass phrase, which nobody could type into a service, or that others than the
  /// daemon's user can read. Blocks on the disk.
  public static func clientKeyErrors(_ configuration: Configuration, fileSystem: FileSystem = FileSystem())
    -> [ConfigurationFinding]
  {
    let server = configuration.server
    guard let path = server.clientKeyFile ?? server.clientCertificateFile else { return [] }
    let key = server.clientKeyFile == nil ? "ClientCertificateFile" : "ClientKeyFile"
    guard let value = configuration.values.last(where: { $0.key == key }),
      case .file(let file, let line) = value.origin,
      let problem = ClientKey.problem(at: path, fileSystem)
    else { return [] }
    return [ConfigurationFinding(.error, file: file, line: line, message: "\(key)=: \(problem)")]
  }

  private static func findings(
    _ severity: ConfigurationFinding.Severity, _ keys: [String], _ configuration: Configuration,
    _ fileSystem: FileSystem
  ) -> [ConfigurationFinding] {
    configuration.values.compactMap { value in
      guard keys.contains(value.key), case .file(let path, let line) = value.origin, !value.text.isEmpty
      else {
        return nil
      }
      do {
        _ = try fileSystem.openFile(value.text, for: "configuration")
        return nil
      } catch {
        return ConfigurationFinding(severity, file: path, line: line, message: "\(value.key)=: \(error)")
      }
    }
  }
}
