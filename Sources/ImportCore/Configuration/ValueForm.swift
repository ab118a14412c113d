/// How values of one type are written in a configuration: read with a reason when they are wrong, and
/// written again in their usual spelling.
struct ValueForm<Value>: Sendable {
  /// Reads a value, whose text is never empty.
  let parse: @Sendable (String) throws(BadValue) -> Value
  /// Writes a value for people, secrets masked.
  let text: @Sendable (Value) -> String
  /// Other spellings of the value, from which the one that was meant may be guessed.
  var choices: [String] = []
  /// True if a number without a unit counts as seconds.
  var isTimeSpan = false
}

extension ValueForm<String> {
  static let path = ValueForm(
    parse: { text throws(BadValue) in
      if let path = AbsolutePath.normalized(text) { return path }
      throw BadValue(
        text.hasPrefix("/") ? "must not have '..' in it" : "must be an absolute path, beginning with '/'")
    }, text: { $0 })

  /// The name of a marker file in a set.
  static let markerName = ValueForm(
    parse: { text throws(BadValue) in
      try FileNameRule.checkMarker(text)
      if Glob(text)?.isLiteral != true { throw BadValue("must be a name; patterns are only for File.KEY=") }
      return text
    }, text: { $0 })

  static let serverURL = ValueForm(parse: { text throws(BadValue) in try ServerURL(text).text }, text: { $0 })

  /// The address of a proxy; a password in it is masked when it is shown.
  static let proxy = ValueForm(
    parse: { text throws(BadValue) in try ProxyAddress.check(text) }, text: ProxyAddress.masked)
}

extension ValueForm<Bool> {
  /// What systemd takes for a truth value.
  static let yesOrNo = ValueForm(
    parse: { text throws(BadValue) in
      switch text.lowercased() {
      case "yes", "true", "on", "1": return true
      case "no", "false", "off", "0": return false
      default: throw BadValue("must be 'yes' or 'no'")
      }
    }, text: { $0 ? "yes" : "no" })
}

extension ValueForm<CommentTemplate> {
  static let comment = ValueForm(
    parse: { text throws(BadValue) in try CommentTemplate(text) }, text: { $0.template })
}

extension ValueForm where Value: RawRepresentable<String> & CaseIterable & Sendable {
  /// One of a few words.
  static var choice: ValueForm {
    let words = Value.allCases.map(\.rawValue)
    return ValueForm(
      parse: { text throws(BadValue) in
        if let value = Value(rawValue: text) { return value }
        throw BadValue("must be \(words.map { "'\($0)'" }.joined(separator: " or "))")
      }, text: { $0.rawValue }, choices: words)
  }
}

/// Says what is wrong with a value, in words that follow `KEY=VALUE` in a finding.
public struct BadValue: Error, Hashable, Sendable {
  /// `has more than 4096 bytes`.
  public let message: String

  public init(_ message: String) { self.message = message }
}

/// Rules for the paths that an administrator writes.
enum AbsolutePath {
  /// The same path without doubled and trailing slashes and `.` components; nil if it is not absolute, or
  /// has `..` in it, with which two names of one directory could not be told to be the same.
  static func normalized(_ path: String) -> String? {
    guard path.utf8.first == UInt8(ascii: "/") else { return nil }
    let components = path.unicodeScalars.split(separator: "/").map { String($0) }.filter { $0 != "." }
    return components.contains("..") ? nil : "/" + components.joined(separator: "/")
  }

  /// The directory that holds what a normalized path names.
  static func parent(_ path: String) -> String {
    let cut = path.lastIndex(of: "/") ?? path.startIndex
    return cut == path.startIndex ? "/" : String(path[..<cut])
  }

  /// True if `path` is `directory` or lies somewhere below it; both normalized.
  static func isInside(_ path: String, _ directory: String) -> Bool {
    if directory == "/" { return true }
    guard path.utf8.starts(with: directory.utf8) else { return false }
    let next = path.utf8.dropFirst(directory.utf8.count).first
    return next == nil || next == UInt8(ascii: "/")
  }
}

/// The rule for names that a configuration gives to files of a set: one plain component, no path.
enum FileNameRule {
  /// Throws what is wrong with a name or pattern.
  static func check(_ name: String) throws(BadValue) {
    if name.utf8.contains(UInt8(ascii: "/")) {
      throw BadValue("must be the name of a file in the set, without '/'")
    }
    if name == "." || name == ".." { throw BadValue("must be the name of a file") }
    if name.utf8.count > 255 { throw BadValue("has more than 255 bytes, the most that a file's name has") }
  }

  /// Takes the name of a marker, which may be `SHA256SUMS`.
  static func checkMarker(_ name: String) throws(BadValue) {
    try check(name)
    if name == DropName.control {
      throw BadValue("is the control file's name, so that nothing would mark a set")
    }
    try checkClaimable(name)
  }

  /// Refuses names that keep a set from being claimed, or that are ignored in it.
  private static func checkClaimable(_ text: String) throws(BadValue) {
    if Litter.isLitter(text.utf8) {
      throw BadValue("is a name that file managers leave behind, which is ignored")
    }
    if DropName.isTemporary(text) {
      throw BadValue("is a name of a file that is still being written, with which no set is claimed")
    }
  }

  /// Takes a value of `File.KEY=`: a name or a pattern.
  static func checkPattern(_ text: String) throws(BadValue) {
    try check(text)
    if text == DropName.control || text == DropName.sums { throw BadValue("is never a data file") }
    try checkClaimable(text)
    if Glob(text) == nil { throw BadValue("has a '[' without its ']', or a range that runs backwards") }
  }
}

/// A proxy's address as libcurl takes it, perhaps with user and password.
private enum ProxyAddress {
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
