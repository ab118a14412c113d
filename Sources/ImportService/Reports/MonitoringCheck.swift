public import ImportCore

/// The state of everything in one line, as plugins of Nagios, Icinga and Checkmk print it: state, text, and values with
/// their thresholds.
public struct MonitoringCheck: Sendable {
  /// The state; its raw value is how the line names it.
  public enum State: String, Sendable, CaseIterable {
    case okay = "OK"
    case warning = "WARNING"
    case critical = "CRITICAL"
    case unknown = "UNKNOWN"
  }

  /// One number. Above `warning` it is a reason for a warning.
  struct Value: Sendable {
    var label: String
    /// Nil if it is not known.
    var number: Int64?
    /// `s`, or nothing for a count.
    var unit = ""
    var warning: Int64?

    /// `label=value;warn;crit;min;max`; a value that is not known is `U`, a threshold that does not exist is empty.
    var text: String {
      let value = number.map { "\($0)\(unit)" } ?? "U"
      return "\(label)=\(value);\(warning.map { "\($0)" } ?? "");;0;"
    }
  }

  /// How many problems the line lists; the others are counted.
  private static let mostProblems = 5
  /// The age in seconds from which a set that still waits is late.
  private static let latest: Int64 = 3600

  public let state: State
  private let text: String
  private let values: [Value]

  /// Takes together what `status` shows. Attention that is not monitored does not count.
  public init(_ report: StatusReport, now: Timestamp) {
    let problems = report.attention.filter(\.isMonitored)
    state = problems.isEmpty ? .okay : problems.contains { $0.severity == .critical } ? .critical : .warning
    values = Self.values(report, now)
    text = problems.isEmpty ? Self.summary(report) : Self.text(problems)
  }

  /// Says why there is no report.
  public init(_ state: State, _ text: String) {
    self.state = state
    self.text = text
    values = Self.values(nil, Timestamp(microseconds: 0))
  }

  /// `HAPLO-IMPORTD STATE - text | label=value;warn;crit;min;max …`.
  public var line: String {
    let values = values.map(\.text).joined(separator: " ")
    // Readers take the first bar for the end of the text.
    let text = PrintableText.escaping(PrintableText.joiningLines(self.text))
    return "HAPLO-IMPORTD \(state.rawValue) - \(text.replacing("|", with: "/")) | \(values)"
  }

  private static func text(_ problems: [Attention]) -> String {
    let lines = problems.prefix(mostProblems).map { (problem) in
      (problem.source.map { "\($0): " } ?? "") + problem.text
    }
    let rest = problems.count > lines.count ? ["and \(problems.count - lines.count) more"] : []
    return (lines + rest).joined(separator: "; ")
  }

  private static func summary(_ report: StatusReport) -> String {
    let sources = report.sources.count
    let waiting = report.sources.reduce(0) { $0 + $1.waitingSets }
    return
      "\(sources) \(sources == 1 ? "source" : "sources"), \(waiting) \(waiting == 1 ? "set" : "sets") waiting"
      + trouble(report.server)
  }

  /// A server that fails is no problem before sets have waited for long, but who looks is told.
  private static func trouble(_ server: StatusReport.Server) -> String {
    guard let reason = server.reason else { return "" }
    return "; server \(server.state)\(server.since.map { " since \($0)" } ?? ""): \(reason)"
  }

  /// The numbers of a report; without one, the same labels with values that are not known.
  private static func values(_ report: StatusReport?, _ now: Timestamp) -> [Value] {
    func sum(_ count: (StatusReport.Source) -> Int) -> Int64? {
      report.map { $0.sources.reduce(0) { $0 + Int64(count($1)) } }
    }
    func sets(_ state: SetState) -> Int64? { sum { $0.sets[state.rawValue] ?? 0 } }
    let age = report.map { report in
      let oldest = report.sources.compactMap { $0.oldestCompleted.flatMap { Timestamp($0) } }.min()
      return oldest.map { max(0, now.since($0).components.seconds) } ?? 0
    }
    return [
      Value(label: "waiting", number: sum(\.waitingSets)),
      Value(label: "oldest_waiting", number: age, unit: "s", warning: latest),
      Value(label: "deferred", number: sets(.deferred)),
      Value(label: "held", number: sets(.held), warning: 0),
      Value(label: "rejected", number: sets(.rejected), warning: 0),
      Value(label: "awaiting_approval", number: sets(.awaitingApproval)),
      Value(label: "incomplete", number: sum(\.incompleteCount)),
    ]
  }
}

extension StatusReport.Source {
  /// Sets in the drop directory, but for those that are known to be complete.
  fileprivate var incompleteCount: Int { incomingCount - incoming.count(where: \.isComplete) }

  /// Sets that are on their way to the server.
  fileprivate var waitingSets: Int {
    [SetState.claimed, .uploading, .scheduling, .deferred].reduce(0) { $0 + (sets[$1.rawValue] ?? 0) }
  }
}
