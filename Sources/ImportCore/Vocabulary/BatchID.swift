/// The name that the server gives to one batch: 44 characters of `[A-Za-z0-9_-]` (PROTOCOL, `batch`).
/// Longer and shorter ones are taken too, from 16 to 128, for the length is the server's own affair.
public struct BatchID: Hashable, Sendable, CustomStringConvertible {
  /// The name as the server sent it.
  public let text: String

  /// Takes a well-formed name; nil for anything else, such as a page of HTML with status 200.
  public init?(_ text: String) {
    guard (16...128).contains(text.utf8.count) else { return nil }
    guard text.utf8.allSatisfy({ isLetterOrDigit($0) || "_-".utf8.contains($0) }) else { return nil }
    self.text = text
  }

  public var description: String { text }
}
