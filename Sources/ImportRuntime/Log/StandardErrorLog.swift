import ImportSystem

/// Writes lines to standard error: plain ones for a person, or with `<N>` priorities in front, as the service manager
/// understands them (sd-daemon(3)).
public struct StandardErrorLog: Log {
  private let level: LogPriority
  private let hasPriorities: Bool

  /// Leaves out what is below `level`.
  public init(level: LogPriority, hasPriorities: Bool) {
    self.level = level
    self.hasPriorities = hasPriorities
  }

  public func includes(_ event: LogEvent) -> Bool { event.priority <= level }

  public func write(_ event: LogEvent) {
    guard includes(event) else { return }
    StandardError.writeLine(hasPriorities ? "<\(event.priority.rawValue)>\(event.line)" : event.line)
  }
}
