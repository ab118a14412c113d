import ImportSystem

/// Judges the file of a client's private key, before it is used (PEM).
enum ClientKey {
  /// More than any key and its certificates have.
  private static let largest = 1024 * 1024

  /// What is wrong with the key, with the command that corrects it; nil if nothing is, if there is no key in the file, or if
  /// it cannot be read, which is said elsewhere. Blocks on the disk.
  ///
  /// - Parameter user: the daemon's user.
  static func problem(at path: String, user: UInt32, _ fileSystem: FileSystem) -> String? {
    guard let file = try? fileSystem.openFile(path, for: "key"), let status = try? file.status(),
      let bytes = try? file.readAll(atMost: largest)
    else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.contains("PRIVATE KEY-----") else { return nil }
    if text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
      return "the key in '\(path)' has a pass phrase, which a service cannot be asked for; remove it with "
        + "'openssl pkey -in \(path) -out NEW', as root with umask 077, and protect the file by its permissions"
    }
    let mode = KeyFileMode(status, user: user)
    guard mode.isExposed else { return nil }
    return
      "'\(path)' has mode \(String(mode.mode, radix: 8)), so that others can read or change the private key; run "
      + "'chmod \(mode.remedy) \(path)'"
  }
}
