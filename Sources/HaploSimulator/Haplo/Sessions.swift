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
