import FoundationEssentials
import ImportCore
public import ImportSystem

/// Remembers the session's cookie of the outcome key in the state directory, with mode 0600, so that the next process continues the
/// session. It belongs to one server and one key.
public struct SessionFile: Sendable {
  static let name = "outcome-session"
  private static let longest = 8 << 10
  private static let purpose = "outcome session"

  let state: Directory
  private let server: String
  private let key: String

  /// Takes the state directory, the server's URL and the key's fingerprint.
  public init(state: Directory, server: String, key: String) {
    self.state = state
    self.server = server
    self.key = key
  }

  private struct Content: Codable {
    var server: String
    var key: String
    var cookie: String
  }

  /// The cookie, as `s=VALUE`; nil if there is none for this server and key. Blocks.
  func read() -> String? {
    guard let content = Self.content(in: state), content.server == server, content.key == key,
      Self.isCookie(content.cookie)
    else { return nil }
    return content.cookie
  }

  /// Replaces the file; nil removes it. A power cut may lose it, which costs one more session. So does a disk that refuses, of which
  /// the journal in the same directory tells. Blocks.
  func write(_ cookie: String?) {
    guard let cookie, Self.isCookie(cookie),
      let bytes = try? JSONEncoder().encode(Content(server: server, key: key, cookie: cookie))
    else { return Self.remove(from: state) }
    try? state.replace(Array(bytes), as: Self.name, mode: 0o600, for: Self.purpose)
  }

  /// Removes the file, if there is one. Blocks.
  static func remove(from state: Directory) { try? state.removeIfThere(name, for: purpose) }

  private static func content(in state: Directory) -> Content? {
    guard let file = try? state.openForReading(name, for: purpose),
      let bytes = try? file.readAll(atMost: longest)
    else { return nil }
    return try? JSONDecoder().decode(Content.self, from: Data(bytes))
  }

  /// True for what may be sent as a header: ``JobPages`` takes no other from an answer.
  private static func isCookie(_ text: String) -> Bool {
    text.hasPrefix("s=") && text.utf8.allSatisfy { (0x21..<0x7f).contains($0) && $0 != 0x2C && $0 != 0x3B }
  }
}
