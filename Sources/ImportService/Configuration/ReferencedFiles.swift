public import ImportCore
public import ImportSystem

/// Looks whether the files are there that a configuration names, the API key's apart: certificates, keys and
/// fixed control files. They are read when they are needed and may come later, so this only warns.
public enum ReferencedFiles {
  private static let keys = ["CAFile", "ClientCertificateFile", "ClientKeyFile", "ControlFile"]

  /// A warning for each file that cannot be opened, at the line that names it. Blocks on the disk.
  public static func warnings(_ configuration: Configuration, fileSystem: FileSystem = FileSystem())
    -> [ConfigurationFinding]
  {
    configuration.values.compactMap { value in
      guard keys.contains(value.key), case .file(let path, let line) = value.origin, !value.text.isEmpty
      else {
        return nil
      }
      do {
        _ = try fileSystem.openFile(value.text, for: "configuration")
        return nil
      } catch {
        return ConfigurationFinding(.warning, file: path, line: line, message: "\(value.key)=: \(error)")
      }
    }
  }
}
