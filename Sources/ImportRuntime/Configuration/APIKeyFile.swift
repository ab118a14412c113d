public import Glibc
public import ImportCore
public import ImportSystem

/// Says why there is no key, and what to do.
public enum APIKeyFailure: Error, Hashable, Sendable {
  /// `APIKeyFile=` is not set, and systemd gave no credentials.
  case notNamed
  /// The file is missing or cannot be read.
  case unreadable(SystemError)
  /// Others than the daemon can read or change the file, whose permission bits these are; `remedy` are those that it should have.
  case exposed(path: String, mode: UInt32, remedy: String)
  /// What the file holds is no key.
  case malformed(path: String, APIKeyFormError)
}

extension APIKeyFailure: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notNamed:
      "there is no API key: APIKeyFile= is not set in [Server], and systemd gave no credential 'api-key'"
    case .unreadable(let error):
      "\(error); "
        + (error.errno == EACCES
          ? "run this command as root"
          : "put the API key there, readable for root only, or correct APIKeyFile=")
    case .exposed(let path, let mode, let remedy):
      "'\(path)' has mode \(String(mode, radix: 8)), so that others can read or change the API key;"
        + " run 'chmod \(remedy) \(path)', and have a new key made if this was so for long"
    case .malformed(let path, let error):
      "the API key in '\(path)' \(error.message)"
    }
  }
}

/// Reads the API key from the file that the configuration names.
public struct APIKeyFile: Sendable {
  private let path: String?
  private let isCredential: Bool
  private let user: UInt32
  private let fileSystem: FileSystem

  /// Takes the file from the configuration; `environment` tells which one systemd itself guards. `user` is the daemon's.
  public init(
    _ server: ServerSettings, user: UInt32 = geteuid(), environment: ConfigurationEnvironment,
    fileSystem: FileSystem = FileSystem()
  ) {
    self.init(path: server.apiKeyFile, user: user, environment: environment, fileSystem: fileSystem)
  }

  /// Takes the path of a file with a key.
  init(path: String?, user: UInt32, environment: ConfigurationEnvironment, fileSystem: FileSystem) {
    self.path = path
    self.user = user
    isCredential = environment.credentialsDirectory.map { path?.hasPrefix($0 + "/") ?? false } ?? false
    self.fileSystem = fileSystem
  }

  /// Reads the key, without the line's end and blanks behind it. Blocks on the disk.
  ///
  /// A file that others can read or write is refused by the rule of ``KeyFileMode``. systemd guards its credentials by an
  /// access list, whose mask looks like a group's rights, so their bits are not judged.
  public func read() throws(APIKeyFailure) -> APIKey {
    guard let path else { throw .notNamed }
    let (bytes, status) = try contents(of: path)
    let mode = KeyFileMode(status, user: user)
    if !isCredential, mode.isExposed {
      throw .exposed(path: path, mode: mode.mode, remedy: mode.remedy)
    }
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
