/// A section of the configuration, as its header names it.
enum ConfigurationSection: Hashable, Sendable, CustomStringConvertible {
  case server
  case daemon
  case source(SourceName)

  /// Reads what stands between the brackets; throws what is wrong with it.
  init(header: String) throws(BadValue) {
    let words = Self.words(header)
    switch (words.first, words.count) {
    case ("Server", 1): self = .server
    case ("Daemon", 1): self = .daemon
    case ("Source", 1): throw BadValue("[Source] needs a name, such as [Source hr]")
    case ("Source", 2):
      guard let name = SourceName(words[1]) else { throw Self.badName(words[1]) }
      self = .source(name)
    default: throw BadValue("unknown section [\(header)]\(Self.hint(for: words))")
    }
  }

  /// `Server`, `Source hr`.
  var description: String {
    switch self {
    case .server: "Server"
    case .daemon: "Daemon"
    case .source(let name): "Source \(name)"
    }
  }

  /// The names of the keys that a section of this kind can have.
  var keys: [String] {
    switch self {
    case .server: ConfigurationKey<ServerSettings>.table.map(\.name)
    case .daemon: ConfigurationKey<DaemonSettings>.table.map(\.name)
    case .source: ConfigurationKey<SourceSettings>.table.map(\.name)
    }
  }

  /// What to say about a key that this section cannot have: where it belongs, or which was meant.
  func complaint(about key: String) -> String {
    for (name, keys) in Self.others where keys.contains(key) && name != "[\(kind)]" {
      return "unknown key '\(key)' in [\(self)]; it belongs in \(name)"
    }
    let prefix = ConfigurationKey<SourceSettings>.prefixes.first {
      key.lowercased().hasPrefix($0.lowercased())
    }
    if case .source = self, let prefix {
      return "unknown key '\(key)' in [\(self)]; did you mean '\(prefix)\(key.dropFirst(prefix.count))='?"
    }
    return "unknown key '\(key)' in [\(self)]\(Spelling.hint(for: key, among: keys, suffix: "="))"
  }

  private var kind: String {
    switch self {
    case .server: "Server"
    case .daemon: "Daemon"
    case .source: "Source NAME"
    }
  }

  private static let others: [(name: String, keys: [String])] = [
    ("[Server]", ConfigurationKey<ServerSettings>.table.map(\.name)),
    ("[Daemon]", ConfigurationKey<DaemonSettings>.table.map(\.name)),
    ("[Source NAME]", ConfigurationKey<SourceSettings>.table.map(\.name)),
  ]

  private static func hint(for words: [String]) -> String {
    guard let first = words.first,
      let kind = Spelling.nearest(to: first, among: ["Server", "Daemon", "Source"])
    else { return "; sections are [Server], [Daemon] and [Source NAME]" }
    guard kind == "Source" else { return "; did you mean '[\(kind)]'?" }
    return "; did you mean '[Source \(words.count > 1 ? words[1] : "NAME")]'?"
  }

  /// The kind, and the rest without the blanks before it.
  private static func words(_ header: String) -> [String] {
    func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
    let kind = header.prefix { !isBlank($0) }
    let name = header[kind.endIndex...].drop(while: isBlank)
    return name.isEmpty ? [String(kind)] : [String(kind), String(name)]
  }

  private static func badName(_ name: String) -> BadValue {
    BadValue(
      "'\(name)' cannot name a source; a name begins with a letter or digit and has at most 64 of"
        + " the characters A-Z a-z 0-9 _ . -")
  }
}
