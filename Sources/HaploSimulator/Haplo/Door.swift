/// Says for which paths a key is good.
enum KeyScope: Sendable {
  /// Every path but those below `/do/`.
  case api
  /// The path of the pages that show what became of batches, and no other.
  case pages
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

  /// The keys of one scope, and whether the user whose keys they are was blocked.
  private struct Access {
    var keys: Set<String>
    var isUserBlocked = false
  }

  private var api: Access
  private var pages: Access
  private var failures: [String: Failures] = [:]

  init(apiKeys: Set<String>, outcomeKeys: Set<String>) {
    api = Access(keys: apiKeys)
    pages = Access(keys: outcomeKeys)
  }

  /// Makes a key good, with its user.
  mutating func accept(_ key: String, for scope: KeyScope) {
    change(scope) { access in
      access.keys.insert(key)
      access.isUserBlocked = false
    }
  }

  mutating func revoke(_ scope: KeyScope) { change(scope) { $0.keys = [] } }

  mutating func blockUser(of scope: KeyScope) { change(scope) { $0.isUserBlocked = true } }

  private mutating func change(_ scope: KeyScope, _ body: (inout Access) -> Void) {
    switch scope {
    case .api: body(&api)
    case .pages: body(&pages)
    }
  }

  /// Closes the door to an address as 50 failures do.
  mutating func close(to address: String, now: Duration) {
    failures[address] = Failures(count: Self.failureLimit, latest: now)
  }

  /// Opens the door to all addresses, as waiting does.
  mutating func reopen() { failures = [:] }

  mutating func judge(key: String, path: String, from address: String, now: Duration) -> KeyRefusal? {
    let isPage = path.hasPrefix("/do/")
    let access = isPage ? pages : api
    let isPathAllowed = !isPage || path.hasPrefix(OutcomePage.keyPath)
    var known = failures[address] ?? Failures()
    if known.count > 0, now - known.latest > Self.closedFor { known = Failures() }
    if known.count >= Self.failureLimit { return .throttled }
    guard isPathAllowed, key.utf8.count >= Self.shortestKey, access.keys.contains(key) else {
      failures[address] = Failures(count: known.count + 1, latest: now)
      return .invalidKey
    }
    failures[address] = known.count > 0 ? known : nil
    return access.isUserBlocked ? .blockedUser : nil
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

  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
}

/// Counts the sessions that the server keeps: above the limit it drops those of all users.
struct Sessions: Sendable {
  private let limit: Int
  private var live: Set<String> = []
  /// How many have been made.
  private(set) var made = 0
  /// How often all were dropped.
  private(set) var drops = 0

  init(limit: Int) { self.limit = limit }

  var liveCount: Int { live.count }

  /// Makes a session unless the request brought one that the server knows.
  /// - Parameter cookies: the Cookie header.
  /// - Returns: the new session for the cookie `s`, or nil.
  mutating func open(cookies: String?) -> String? {
    if let known = Self.session(in: cookies), live.contains(known) { return nil }
    made += 1
    if live.count >= limit {
      live = []
      drops += 1
    }
    let session = "\(made)-" + String(UInt64.random(in: 0...UInt64.max), radix: 16)
    live.insert(session)
    return session
  }

  /// Drops all, as a restart does.
  mutating func clear() { live = [] }

  private static func session(in cookies: String?) -> String? {
    let pairs = (cookies ?? "").split(separator: ";").map { $0.drop { $0 == " " } }
    return pairs.first { $0.hasPrefix("s=") }.map { String($0.dropFirst(2)) }
  }
}
