/// Why a request with an API key is refused: the `kind` of the server's JSON.
enum KeyRefusal: String, Sendable {
  case invalidKey = "INVALID-API-KEY"
  case blockedUser = "UNAUTHORISED"
  case throttled = "THROTTLE"

  var message: String {
    switch self {
    case .invalidKey: "Invalid API Key"
    case .blockedUser: "Unauthorised"
    case .throttled: "Too many failed attempts"
    }
  }
}

/// Decides by its key whether a request comes in, and counts the failures of each address: 50 of them close
/// the door for 300 s after the last, to good keys too. What comes while it is closed is not looked at.
struct Door: Sendable {
  static let failureLimit = 50
  static let closedFor = Duration.seconds(300)
  static let shortestKey = 16

  private struct Failures {
    var count = 0
    var latest = Duration.zero
  }

  private(set) var keys: Set<String>
  /// Whether the user whose key it is was blocked.
  var isUserBlocked = false
  private var failures: [String: Failures] = [:]

  init(keys: Set<String>) { self.keys = keys }

  mutating func accept(_ key: String) { keys.insert(key) }

  mutating func revokeAll() { keys = [] }

  /// Closes the door to an address as 50 failures do.
  mutating func close(to address: String, now: Duration) {
    failures[address] = Failures(count: Self.failureLimit, latest: now)
  }

  /// Opens the door to all addresses, as waiting does.
  mutating func reopen() { failures = [:] }

  mutating func judge(key: String, from address: String, now: Duration) -> KeyRefusal? {
    var known = failures[address] ?? Failures()
    if known.count > 0, now - known.latest > Self.closedFor { known = Failures() }
    if known.count >= Self.failureLimit { return .throttled }
    guard key.utf8.count >= Self.shortestKey, keys.contains(key) else {
      failures[address] = Failures(count: known.count + 1, latest: now)
      return .invalidKey
    }
    failures[address] = known.count > 0 ? known : nil
    return isUserBlocked ? .blockedUser : nil
  }

  /// Takes the key out of an Authorization header: Basic, user `haplo`; nil when it holds no key.
  static func key(in authorization: String?) -> String? {
    guard let authorization, authorization.lowercased().hasPrefix("basic "),
      let bytes = decodedBase64(authorization.dropFirst(6)),
      let text = String(validating: bytes, as: UTF8.self), text.hasPrefix("haplo:")
    else { return nil }
    return String(text.dropFirst(6))
  }

  private static func decodedBase64(_ text: some StringProtocol) -> [UInt8]? {
    var result: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    for byte in text.utf8 where byte != UInt8(ascii: "=") && byte != UInt8(ascii: " ") {
      guard let value = alphabet.firstIndex(of: byte) else { return nil }
      bits = bits << 6 | UInt32(value)
      count += 6
      guard count >= 8 else { continue }
      count -= 8
      result.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
    }
    return result
  }

  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
}
