/// A proxy's address as libcurl takes it, perhaps with user and password.
enum ProxyAddress {
  private static let schemes = ["http", "https", "socks5", "socks5h"]

  /// Takes an address with one of the schemes and a host; throws without repeating the address.
  static func check(_ text: String) throws(BadValue) -> String {
    guard let separator = text.firstRange(of: "://"), schemes.contains(String(text[..<separator.lowerBound]))
    else {
      throw BadValue("must begin with one of \(schemes.map { "'\($0)://'" }.joined(separator: " "))")
    }
    let host =
      text[separator.upperBound...].split(separator: "@", omittingEmptySubsequences: false).last ?? ""
    guard let first = host.first, first != ":", first != "/", !host.contains(" ") else {
      throw BadValue("has no host after '://'")
    }
    return text
  }

  /// The address with the password replaced: `http://user:***@proxy.example.org:3128`.
  static func masked(_ text: String) -> String {
    guard let start = text.firstRange(of: "://")?.upperBound, let at = text.lastIndex(of: "@") else {
      return text
    }
    let user = text[start..<at].prefix { $0 != ":" }
    return "\(text[..<start])\(user)\(user.endIndex == at ? "" : ":***")\(text[at...])"
  }
}
