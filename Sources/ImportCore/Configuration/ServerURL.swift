/// The address of a Haplo server as `URL=` takes it: scheme, host and perhaps a port, nothing else, for
/// the API's place below it is fixed (docs/server.md), and a key in an address would end up in logs.
struct ServerURL {
  /// `https` or `http`, a host in small letters, a port unless it is none: `https://research.example.ac.uk`.
  let text: String
  /// True for `http`: the key would travel unencrypted.
  let isPlain: Bool
  /// True if the host is this machine by its very name.
  let isLoopback: Bool

  /// Takes an address; throws what is wrong and what to write instead, without repeating a password.
  init(_ text: String) throws(BadValue) {
    guard let separator = text.firstRange(of: "://") else {
      throw BadValue("has no scheme; write 'https://' before the host's name")
    }
    let scheme = text[..<separator.lowerBound].lowercased()
    guard scheme == "https" || scheme == "http" else { throw BadValue("must begin with 'https://'") }
    let rest = text[separator.upperBound...]
    let authority = rest.prefix { !"/?#\\".contains($0) }
    try Self.checkRest(rest[authority.endIndex...], authority)
    let (host, port) = try Self.split(authority)
    self.text = "\(scheme)://\(host)\(port)"
    isPlain = scheme == "http"
    isLoopback = Self.isLoopback(host)
  }

  private static func checkRest(_ rest: Substring, _ authority: Substring) throws(BadValue) {
    if authority.contains("@") {
      throw BadValue(
        "must not hold a user or password; the API key belongs in the file that APIKeyFile= names")
    }
    if let odd = rest.first(where: { "?#\\".contains($0) }) {
      throw BadValue("must end after the host or port; remove all from '\(odd)' on")
    }
    guard rest.allSatisfy({ $0 == "/" }) else {
      throw BadValue("must end after the host or port, for the API's place there is fixed; remove '\(rest)'")
    }
  }

  private static func split(_ authority: Substring) throws(BadValue) -> (host: String, port: String) {
    var end = authority.endIndex
    if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") { end = colon }
    let host = authority[..<end].lowercased()
    let port = authority[end...]
    guard isHost(host) else {
      throw BadValue(host.isEmpty ? "has no host" : "has a host that is neither a name nor an address")
    }
    if port.isEmpty { return (host, "") }
    guard let number = UInt16(port.dropFirst()), number > 0, !port.contains("+") else {
      throw BadValue("has a port that is not a number from 1 to 65535")
    }
    return (host, ":\(number)")
  }

  /// A name of labels, an IPv4 address, or an IPv6 address in brackets.
  private static func isHost(_ host: String) -> Bool {
    if host.hasPrefix("["), host.hasSuffix("]") {
      let address = host.dropFirst().dropLast()
      return address.contains(":") && address.utf8.allSatisfy { "0123456789abcdef:.".utf8.contains($0) }
    }
    guard host.utf8.count <= 253 else { return false }
    let labels = host.hasSuffix(".") ? host.dropLast() : host[...]
    return labels.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
      !label.isEmpty
        && label.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
    }
  }

  /// Only what cannot lead elsewhere: `127.0.0.1.example.org` is a name like any other.
  private static func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host == "[::1]" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.first == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
