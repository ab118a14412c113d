import ImportCore
import ImportSystem

/// The key that opens the server. It cannot be printed by accident: described, dumped or mirrored, it shows
/// nothing; only ``secret`` gives it away.
public struct APIKey: Hashable, Sendable {
  /// The key itself, for the Authorization header and nothing else.
  public let secret: String

  /// Takes a key of the right form: at least 16 characters of `[A-Za-z0-9_-]`, for a shorter one is never
  /// valid (PROTOCOL). Throws what is wrong, as it reads after "the key", without showing the key.
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

/// What is wrong with a key's form.
public struct APIKeyFormError: Error, Hashable, Sendable {
  /// Words that follow "the key".
  public let message: String
}

extension APIKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "(API key)" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
