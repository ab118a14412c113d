public import ImportCore

/// One thing that needs a person, as `status` lists them: gravest first, one line for all things of a kind in a source.
public struct Attention: Sendable, Codable, Hashable {
  /// How grave it is. Monitoring reports the gravest one.
  public enum Severity: String, Sendable, Codable {
    /// Nothing is accepted or delivered until somebody acts.
    case critical
    /// Something waits for a person, while other sets are delivered.
    case warning
  }

  public var severity: Severity
  /// The source; nil for what concerns all sources.
  @OrNull public var source: String?
  /// How many sets or paths it is about; 1 for the daemon, the server and whole sources.
  public var count: Int
  /// What happened, and what to do where no command can do it.
  public var text: String
  /// The command that shows more or does it; nil where there is none.
  @OrNull public var command: String?
  /// True if `status --check` counts it; false for what a person did or may still pass by itself.
  public var isMonitored = true

  /// Takes all members.
  public init(
    _ severity: Severity, source: String? = nil, count: Int = 1, _ text: String, command: String? = nil,
    isMonitored: Bool = true
  ) {
    self.isMonitored = isMonitored
    self.severity = severity
    self.source = source
    self.count = count
    self.text = text
    self.command = command
  }

  /// All in one line: `hr: 4 rejected sets; run 'haplo-importd list --source hr --state rejected'`.
  public var line: String {
    (source.map { "\($0): " } ?? "") + text + (command.map { "; run '\($0)'" } ?? "")
  }
}
