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

  /// What `systemctl` calls it.
  public var name: String { "haplo-importd" + (instance.map { "@\($0)" } ?? "") }

  /// Where its configuration and its key are.
  public var configurationDirectory: String { "/etc/haplo-importd" + (instance.map { "/\($0)" } ?? "") }

  /// What its sandbox lets the daemon write to.
  var directories: [String] {
    [Self.spool, "/var/lib/haplo-importd", "/run/haplo-importd"].map {
      $0 + (instance.map { "-\($0)" } ?? "")
    }
  }
}
