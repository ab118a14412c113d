import Glibc
import ImportSystem

/// Judges the file of a client's private key, before it is used (PEM).
enum ClientKey {
  /// More than any key and its certificates have.
  private static let largest = 1024 * 1024

  /// What is wrong with the key, with the command that corrects it; nil if nothing is, if there is no key in the file, or if
  /// it cannot be read, which is said elsewhere. Blocks on the disk.
  static func problem(at path: String, _ fileSystem: FileSystem) -> String? {
    guard let file = try? fileSystem.openFile(path, for: "key"), let status = try? file.status(),
      let bytes = try? file.readAll(atMost: largest)
    else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.contains("PRIVATE KEY-----") else { return nil }
    if text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
      return "the key in '\(path)' has a pass phrase, which a service cannot be asked for; remove it with "
        + "'openssl pkey -in \(path) -out NEW', as root with umask 077, and protect the file by its permissions"
    }
    // Root's file for the daemon's group (0640) is fine, also when root is who asks.
    let isOwn = status.owner == geteuid() && status.owner != 0
    guard status.mode & (isOwn ? 0o066 : 0o026) != 0 else { return nil }
    return
      "'\(path)' has mode \(String(status.mode, radix: 8)), so that others can read or change the private key; run "
      + "'chmod \(isOwn ? "600" : "640") \(path)'"
  }
}
