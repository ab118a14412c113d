/// All that the administrator decided, checked: a value of this type has no error in it.
public struct Configuration: Hashable, Sendable {
  public let server: ServerSettings
  public var daemon: DaemonSettings
  /// Sorted by name; there is at least one, and none overlaps with another's directory or the spool's.
  public let sources: [SourceSettings]
  /// Every value in force, section by section, with where it comes from; those not set are empty.
  public let values: [ConfiguredValue]
  /// What is odd and should be said, but hinders nothing.
  public let warnings: [ConfigurationFinding]

  /// Reads the main file and the drop-ins, given in the order in which they hold: of a key in several
  /// files the last wins. Throws everything that is wrong, not only the first.
  public static func parse(_ files: [ConfigurationFile], environment: ConfigurationEnvironment)
    throws(ConfigurationErrors) -> Configuration
  {
    var builder = ConfigurationBuilder(files, environment: environment)
    return try builder.build()
  }

  /// The settings of `[Daemon]` as far as the files can be read, whatever is wrong in them.
  public static func readableDaemonSettings(
    _ files: [ConfigurationFile], environment: ConfigurationEnvironment
  ) -> DaemonSettings {
    var builder = ConfigurationBuilder(files, environment: environment)
    return builder.readableDaemonSettings()
  }

  /// The settings of a source; nil when there is none of that name.
  public func source(_ name: SourceName) -> SourceSettings? { sources.first { $0.name == name } }
}

/// The origin of a value in force.
public enum ConfigurationOrigin: Hashable, Sendable, CustomStringConvertible {
  /// Nobody wrote it.
  case byDefault
  /// It was written in this file, on this line (counted from 1).
  case file(path: String, line: Int)

  /// `default`, or `FILE:LINE`.
  public var description: String {
    switch self {
    case .byDefault: "default"
    case .file(let path, let line): "\(path):\(line)"
    }
  }
}

/// One value in force, for people who want to see what the daemon would do and why.
public struct ConfiguredValue: Hashable, Sendable {
  /// The section without brackets: `Server`, `Source hr`.
  public let section: String
  public let key: String
  /// The value in its usual spelling (`5000ms` is shown as `5s`), secrets masked; empty: not set.
  public let text: String
  public let origin: ConfigurationOrigin

  public init(section: String, key: String, text: String, origin: ConfigurationOrigin) {
    self.section = section
    self.key = key
    self.text = text
    self.origin = origin
  }
}

/// Finds directories that are the same or lie in one another, so that a file in them would have two owners.
struct DirectoryOverlap {
  /// The source whose directory is to blame; nil: the state directory.
  let source: SourceName?
  /// The two directories that overlap.
  let message: String

  private typealias Place = (name: String, path: String)

  /// Compares all sources with each other, with the spool's folders after `drop/`, and with the state and
  /// runtime directories. `resolved` says where a path really leads, for those that lead elsewhere.
  static func find(_ daemon: DaemonSettings, _ sources: [SourceSettings], resolved: [String: String] = [:])
    -> [DirectoryOverlap]
  {
    func real(_ path: String) -> String { resolved[path] ?? path }
    let folders = ["drop", "work", "held", "rejected", "archive"].map { folder -> Place in
      ("the spool's folder", "\(real(daemon.spoolDirectory))/\(folder)")
    }
    var found: [DirectoryOverlap] = []
    let state = real(daemon.stateDirectory)
    if let folder = folders.first(where: { AbsolutePath.isInside(state, $0.path) }) {
      found.append(
        DirectoryOverlap(source: nil, message: "StateDirectory=\(state) is in \(folder.name) \(folder.path)"))
    }
    var taken: [Place] =
      folders.dropFirst() + [
        ("StateDirectory=", state), ("RuntimeDirectory=", real(daemon.runtimeDirectory)),
      ]
    for source in sources {
      let path = real(source.directory)
      if let other = taken.first(where: { overlap($0.path, path) }) {
        found.append(DirectoryOverlap(source: source.name, message: message(source, path, other)))
      }
      taken.append(("the directory of [Source \(source.name)],", path))
    }
    return found
  }

  private static func message(_ source: SourceSettings, _ path: String, _ other: Place) -> String {
    let way = path == source.directory ? "" : " (which is \(path))"
    return
      "Directory=\(source.directory)\(way) of [Source \(source.name)] overlaps with \(other.name) \(other.path);"
      + " neither may be the other or lie in it"
  }

  private static func overlap(_ left: String, _ right: String) -> Bool {
    AbsolutePath.isInside(left, right) || AbsolutePath.isInside(right, left)
  }
}

extension Configuration {
  /// The paths that must not overlap.
  public var directories: [String] {
    [daemon.spoolDirectory, daemon.stateDirectory, daemon.runtimeDirectory] + sources.map(\.directory)
  }

  /// Compares ``directories`` again, now that it is known where those lead that go through symbolic links.
  /// Throws the overlaps that this shows.
  public func check(resolved: [String: String]) throws(ConfigurationErrors) {
    let overlaps = DirectoryOverlap.find(daemon, sources, resolved: resolved)
    if overlaps.isEmpty { return }
    throw ConfigurationErrors(
      findings: overlaps.map { overlap in
        let section = overlap.source.map { "Source \($0)" } ?? "Daemon"
        let key = overlap.source == nil ? "StateDirectory" : "Directory"
        return finding(section: section, key: key, overlap.message)
      })
  }

  private func finding(section: String, key: String, _ message: String) -> ConfigurationFinding {
    let places = values.filter { $0.section == section }.sorted { $0.key == key && $1.key != key }
    for case .file(let path, let line) in places.map(\.origin) {
      return ConfigurationFinding(.error, file: path, line: line, message: message)
    }
    return ConfigurationFinding(.error, file: section, line: 1, message: message)
  }
}
