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
    var number: Int64
    /// `s`, or nothing for a count.
    var unit = ""
    var warning: Int64?

    /// `label=value;warn;crit;min;max`; what is not known is empty.
    var text: String { "\(label)=\(number)\(unit);\(warning.map { "\($0)" } ?? "");;0;" }
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
    values = []
  }

  /// `HAPLO-IMPORTD STATE - text | label=value;warn;crit;min;max …`.
  public var line: String {
    let values = self.values.isEmpty ? "" : " | " + self.values.map(\.text).joined(separator: " ")
    // Readers take the first bar for the end of the text.
    let text = PrintableText.escaping(self.text.split(separator: "\n").joined(separator: " "))
    return "HAPLO-IMPORTD \(state.rawValue) - \(text.replacing("|", with: "/"))\(values)"
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
  }

  private static func values(_ report: StatusReport, _ now: Timestamp) -> [Value] {
    func sets(_ state: SetState) -> Int64 {
      report.sources.reduce(0) { $0 + Int64($1.sets[state.rawValue] ?? 0) }
    }
    let oldest = report.sources.compactMap { $0.oldestCompleted.flatMap { Timestamp($0) } }.min()
    let age = oldest.map { max(0, now.since($0).components.seconds) } ?? 0
    return [
      Value(label: "waiting", number: Int64(report.sources.reduce(0) { $0 + $1.waitingSets })),
      Value(label: "oldest_waiting", number: age, unit: "s", warning: latest),
      Value(label: "deferred", number: sets(.deferred)),
      Value(label: "held", number: sets(.held), warning: 0),
      Value(label: "rejected", number: sets(.rejected), warning: 0),
      Value(label: "awaiting_approval", number: sets(.awaitingApproval)),
      Value(label: "incomplete", number: Int64(report.sources.reduce(0) { $0 + $1.incomingCount })),
    ]
  }
}

extension StatusReport.Source {
  /// Sets that are on their way to the server.
  fileprivate var waitingSets: Int {
    [SetState.claimed, .uploading, .scheduling, .deferred].reduce(0) { $0 + (sets[$1.rawValue] ?? 0) }
  }
}
