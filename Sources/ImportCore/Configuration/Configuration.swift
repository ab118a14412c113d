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
