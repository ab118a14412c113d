/// Finds directories that are the same or lie in one another, so that a file in them would have two owners.
struct DirectoryOverlap {
  /// The source whose directory is to blame; nil: the state directory.
  let source: SourceName?
  /// What overlaps with what.
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
        DirectoryOverlap(
          source: nil, message: "StateDirectory=\(state) is in \(folder.name) \(folder.path)"))
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
