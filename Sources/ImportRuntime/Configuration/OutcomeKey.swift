public import Glibc
public import ImportCore
public import ImportSystem

/// Says why the outcome key cannot be used, and what to do.
public enum OutcomeKeyFailure: Error, Hashable, Sendable {
  /// Its file is missing, cannot be read, is open to others, or holds no key.
  case unusable(APIKeyFailure)
  /// The file holds the API key.
  case sameAsAPIKey(path: String)
}

extension OutcomeKeyFailure: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unusable(.notNamed): "there is no outcome key: OutcomeKeyFile= is not set"
    case .unusable(.unreadable(let error)):
      "\(error); put the outcome key there, readable for the daemon's user only, or remove OutcomeKeyFile="
    case .unusable(.exposed(let path, let mode, let remedy)):
      "'\(path)' has mode \(String(mode, radix: 8)), so that others can read or change the outcome key;"
        + " run 'chmod \(remedy) \(path)', and have a new key made if this was so for long"
    case .unusable(.malformed(let path, let error)): "the outcome key in '\(path)' \(error.message)"
    case .sameAsAPIKey(let path):
      "the outcome key in '\(path)' is the API key: the jobs pages need a key of their own, with the path "
        + "/do/haplo-data-import-batch/batch"
    }
  }
}

/// Reads the second key, which opens the server's jobs pages and nothing else.
public enum OutcomeKey {
  /// Name of the credential, and of the file beside the configuration that systemd makes it of.
  public static let credential = "outcome-key"
  /// What the credential holds where there is no such file: systemd 252 refuses to start a service without the file of a
  /// `LoadCredential=`, unless `SetCredential=` gives something in its place.
  static let placeholder = "none"

  /// The key that the configuration names; nil if it names none. It must not be `apiKey`, where that is known. `user` is the
  /// daemon's. Blocks on the disk.
  public static func read(
    _ server: ServerSettings, apiKey: APIKey?, user: UInt32 = geteuid(),
    environment: ConfigurationEnvironment, fileSystem: FileSystem = FileSystem()
  ) throws(OutcomeKeyFailure) -> APIKey? {
    guard let path = server.outcomeKeyFile else { return nil }
    let key: APIKey
    do {
      key = try APIKeyFile(path: path, user: user, environment: environment, fileSystem: fileSystem).read()
    } catch {
      throw .unusable(error)
    }
    guard key != apiKey else { throw .sameAsAPIKey(path: path) }
    return key
  }

  /// True if systemd gave the service a key. Blocks on the disk.
  static func isCredential(in environment: ConfigurationEnvironment, _ fileSystem: FileSystem) -> Bool {
    guard let directory = environment.credentialsDirectory,
      let bytes = try? fileSystem.openFile("\(directory)/\(credential)", for: "key").readAll(atMost: 4096)
    else { return false }
    let text = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
    return !text.isEmpty && text != placeholder
  }

  /// True if there is a key's file beside the configuration, whoever may read it. Blocks on the disk.
  static func isBeside(_ configurationPath: String, _ fileSystem: FileSystem) -> Bool {
    guard let slash = configurationPath.lastIndex(of: "/"), slash != configurationPath.startIndex else {
      return false
    }
    let directory = try? fileSystem.openDirectory(String(configurationPath[..<slash]), for: "key")
    return (try? directory?.status(credential)) != nil
  }
}
