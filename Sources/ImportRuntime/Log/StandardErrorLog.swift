import ImportSystem

/// Writes lines to standard error: plain ones for a person at a terminal, with `<N>` priorities in front otherwise, as
/// the service manager understands them (sd-daemon(3)).
public struct StandardErrorLog: Log {
  private let level: LogPriority
  private let isTerminal: Bool

  /// Leaves out what is below `level`.
  public init(level: LogPriority, isTerminal: Bool) {
    self.level = level
    self.isTerminal = isTerminal
  }

  public func includes(_ event: LogEvent) -> Bool { event.priority <= level }

  public func write(_ event: LogEvent) {
    guard includes(event) else { return }
    StandardError.writeLine(isTerminal ? event.line : "<\(event.priority.rawValue)>\(event.line)")
  }
}
