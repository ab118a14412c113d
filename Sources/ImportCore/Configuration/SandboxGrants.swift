/// Finds the directories that the service unit's sandbox does not let the daemon write to unless it is
/// told: whatever lies outside the places that the unit knows.
public struct SandboxGrants: Hashable, Sendable {
  /// The directories to grant, none inside another, in the order of their names.
  public let paths: [String]

  private let unit: ServiceUnit

  /// Looks at where a configuration keeps things.
  public init(_ configuration: Configuration) {
    let daemon = configuration.daemon
    unit = ServiceUnit(configuration)
    let known = unit.directories
    let wanted =
      [daemon.spoolDirectory, daemon.stateDirectory, daemon.runtimeDirectory]
      + configuration.sources.map(\.directory)
      // Its directory: the file is made anew each time, beside the one that it replaces.
      + [daemon.metricsFile].compactMap(\.self).map(AbsolutePath.parent)
    let outside = Set(wanted).filter { path in !known.contains { AbsolutePath.isInside(path, $0) } }
    paths = outside.filter { path in
      !outside.contains { $0 != path && AbsolutePath.isInside(path, $0) }
    }.sorted()
  }

  /// Where the drop-in belongs.
  public var dropInPath: String { "/etc/systemd/system/\(unit.name).service.d/50-directories.conf" }

  /// The drop-in's lines; empty when the unit's own grants are enough. What lies in a home is bound into the
  /// empty homes that the unit otherwise sees, for below an inaccessible directory nothing can be granted.
  public var dropIn: [String] {
    let homes = paths.filter { path in Self.homes.contains { AbsolutePath.isInside(path, $0) } }
    let others = paths.filter { !homes.contains($0) }
    let lines =
      (homes.isEmpty ? [] : ["ProtectHome=tmpfs"])
      + homes.map { "BindPaths=\(Self.quoted($0, colons: true))" }
      + others.map { "ReadWritePaths=\(Self.quoted($0))" }
    return lines.isEmpty ? [] : ["[Service]"] + lines
  }

  private static let homes = ["/home", "/root", "/run/user"]

  /// As systemd reads it back: `%` doubled, and in quotes where there is anything else that means something.
  private static func quoted(_ path: String, colons: Bool = false) -> String {
    let doubled = path.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%")
    guard path.contains(where: { " \t\"'\\".contains($0) || colons && $0 == ":" }) else { return doubled }
    return "\"" + doubled.map { "\"\\".contains($0) || colons && $0 == ":" ? "\\\($0)" : "\($0)" }.joined()
      + "\""
  }
}

/// The unit that runs a configuration: `haplo-importd`, or an instance of `haplo-importd@`, which the name of its
/// spool tells (systemd/instance.sed).
public struct ServiceUnit: Hashable, Sendable {
  /// The instance's name; nil for the one that has none.
  public let instance: String?

  private static let spool = "/var/spool/haplo-importd"

  /// Looks at where a configuration has its spool.
  public init(_ configuration: Configuration) { self.init(configuration.daemon) }

  /// Looks at where a daemon has its spool.
  public init(_ daemon: DaemonSettings) {
    let path = daemon.spoolDirectory
    guard path.hasPrefix(Self.spool + "-") else {
      instance = nil
      return
    }
    let name = path.dropFirst(Self.spool.count + 1)
    instance = name.isEmpty || name.contains("/") ? nil : String(name)
  }

  /// Its name for `systemctl`.
  public var name: String { "haplo-importd" + (instance.map { "@\($0)" } ?? "") }

  /// The directory of its configuration and its key.
  public var configurationDirectory: String { "/etc/haplo-importd" + (instance.map { "/\($0)" } ?? "") }

  /// The paths to which its sandbox lets the daemon write.
  var directories: [String] {
    [Self.spool, "/var/lib/haplo-importd", "/run/haplo-importd"].map {
      $0 + (instance.map { "-\($0)" } ?? "")
    }
  }
}
