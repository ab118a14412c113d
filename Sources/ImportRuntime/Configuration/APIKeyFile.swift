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
    case .malformed(let path, let error): "the API key in '\(path)' \(error.message)"
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

/// The key that opens the server. It cannot be printed by accident: described, dumped or mirrored, it shows
/// nothing; only ``secret`` gives it away.
public struct APIKey: Hashable, Sendable {
  /// The key itself, for the Authorization header and nothing else.
  public let secret: String

  /// Takes a key of the right form: at least 16 characters of `[A-Za-z0-9_-]`, for a shorter one is never
  /// valid (docs/server.md). Throws what is wrong, as it reads after "the key", without showing the key.
  public init(_ text: String) throws(APIKeyFormError) {
    let allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-".utf8
    if text.isEmpty { throw APIKeyFormError(message: "is empty") }
    if let place = text.utf8.enumerated().first(where: { !allowed.contains($0.element) })?.offset {
      throw APIKeyFormError(
        message:
          "has a character at position \(place + 1) that is none of A-Z a-z 0-9 _ - ; is it the right file?")
    }
    guard text.utf8.count >= 16 else {
      throw APIKeyFormError(
        message: "has \(text.utf8.count) characters, but no key is shorter than 16; was it cut?")
    }
    secret = text
  }

  /// Tells keys apart without telling them: the first 12 hexadecimal digits of the key's SHA-256. It stands in
  /// the journal, so that a refused key is known again.
  public var fingerprint: String {
    String(SHA256Digest(bytes: SHA256.digest(of: Array(secret.utf8))).hex.prefix(12))
  }
}

/// The mistake in a key's form.
public struct APIKeyFormError: Error, Hashable, Sendable {
  /// Words that follow "the key".
  public let message: String
}

extension APIKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "(API key)" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Judges the mode of a file that holds a key, as the daemon's user does, also when root examines the configuration.
///
/// Nobody but the daemon's user and root may read the key. A file of the daemon's user is closed to its group. Another user's file,
/// such as root's, must be open to the daemon by its group (0640), which then may not write.
struct KeyFileMode {
  /// The permission bits of the file.
  let mode: UInt32
  private let isOwn: Bool
  private let hasGroup: Bool

  /// - Parameter user: the daemon's user.
  init(_ status: FileStatus, user: UInt32) {
    mode = status.mode
    hasGroup = status.group != 0
    // Root's file for a group is the daemon's group's, even if root runs the daemon.
    isOwn = status.owner == user && (user != 0 || !hasGroup)
  }

  /// True if others can read or change the key.
  var isExposed: Bool { mode & (isOwn ? 0o066 : 0o026) != 0 }

  /// The mode for chmod(1), with which the daemon can still read the file.
  var remedy: String { isOwn || !hasGroup ? "600" : "640" }
}

extension DaemonSettings {
  /// The number of the daemon's user: that of this process or, for root, the owner of the spool. Blocks on the disk.
  public var serviceUser: UInt32 {
    var status = stat()
    guard geteuid() == 0, stat(spoolDirectory, &status) == 0 else { return geteuid() }
    return status.st_uid
  }
}
