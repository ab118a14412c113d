import Glibc
public import ImportCore
public import ImportSystem

/// Says why there is no key, and what to do.
public enum APIKeyFailure: Error, Hashable, Sendable {
  /// `APIKeyFile=` is not set, and systemd gave no credentials.
  case notNamed
  /// The file is missing or cannot be read.
  case unreadable(SystemError)
  /// Others than the daemon can read or change the file, whose permission bits these are.
  case exposed(path: String, mode: UInt32)
  /// What the file holds is no key.
  case malformed(path: String, APIKeyFormError)
}

extension APIKeyFailure: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notNamed:
      "there is no API key: APIKeyFile= is not set in [Server], and systemd gave no credential 'api-key'"
    case .unreadable(let error):
      "\(error); put the API key there, readable for the daemon's user only, or correct APIKeyFile="
    case .exposed(let path, let mode):
      "'\(path)' has mode \(String(mode, radix: 8)), so that others can read or change the API key;"
        + " run 'chmod 600 \(path)', and have a new key made if this was so for long"
    case .malformed(let path, let error):
      "the API key in '\(path)' \(error.message)"
    }
  }
}

/// Reads the API key from the file that the configuration names.
public struct APIKeyFile: Sendable {
  private let path: String?
  private let isCredential: Bool
  private let fileSystem: FileSystem

  /// Takes the file from the configuration; `environment` tells which one systemd itself guards.
  public init(
    _ server: ServerSettings, environment: ConfigurationEnvironment, fileSystem: FileSystem = FileSystem()
  ) {
    self.init(path: server.apiKeyFile, environment: environment, fileSystem: fileSystem)
  }

  /// Takes the path of a file with a key.
  init(path: String?, environment: ConfigurationEnvironment, fileSystem: FileSystem) {
    self.path = path
    isCredential = environment.credentialsDirectory.map { path?.hasPrefix($0 + "/") ?? false } ?? false
    self.fileSystem = fileSystem
  }

  /// Reads the key, without the line's end and blanks behind it. Blocks on the disk.
  ///
  /// Refused is a file that anyone else can read or write: others always, its group when the file is this
  /// user's own (root's file for the daemon's group, 0640, is fine). systemd guards its credentials by an
  /// access list, whose mask looks like a group's rights, so their bits are not judged.
  public func read() throws(APIKeyFailure) -> APIKey {
    guard let path else { throw .notNamed }
    let (bytes, status) = try contents(of: path)
    let forbidden: UInt32 = status.owner == geteuid() ? 0o066 : 0o026
    if !isCredential, status.mode & forbidden != 0 { throw .exposed(path: path, mode: status.mode) }
    return try Self.key(in: bytes, path)
  }

  private func contents(of path: String) throws(APIKeyFailure) -> ([UInt8], FileStatus) {
    do {
      let file = try fileSystem.openFile(path, for: "key")
      return (try file.readAll(atMost: 4096), try file.status())
    } catch {
      throw .unreadable(error)
    }
  }

  private static func key(in bytes: [UInt8], _ path: String) throws(APIKeyFailure) -> APIKey {
    var text = bytes[...]
    while let last = text.last, " \t\r\n".utf8.contains(last) { text.removeLast() }
    do {
      return try APIKey(String(decoding: text, as: UTF8.self))
    } catch {
      throw .malformed(path: path, error)
    }
  }
}
