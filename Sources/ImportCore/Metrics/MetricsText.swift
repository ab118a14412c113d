/// Writes figures as text that is both OpenMetrics 1.0 and the older Prometheus text format 0.0.4, for the one program
/// that is meant to read it knows the older one only: the textfile collector of node_exporter.
///
/// Where the two differ, what neither can misread is written. Gauges have the same lines in both. A counter has not:
/// `# TYPE` names it with `_total` in one format and without in the other, and each refuses or loses what the other
/// wants, so a counter has its `# HELP` and no `# TYPE` (both take it for a number of unknown type, and by its name
/// it is a counter to people and to `rate()`). There is no `# UNIT`, no timestamp, no `info` and no `stateset`, which
/// the collector does not know or refuses, and `# EOF` at the end is a comment to it.
public struct MetricsText: Sendable {
  /// One figure of a metric.
  public struct Sample: Sendable {
    /// Names and values of its labels, in the order in which they are written. Values may hold anything.
    public typealias Labels = KeyValuePairs<String, String>

    fileprivate let value: String
    fileprivate let labels: Labels

    public init(_ value: some BinaryInteger, _ labels: Labels = [:]) {
      self.value = String(value)
      self.labels = labels
    }

    /// Takes a moment, written as seconds since 1970 with milliseconds.
    public init(_ moment: Timestamp, _ labels: Labels = [:]) {
      let milliseconds = max(moment.microseconds, 0) / 1000
      value = "\(milliseconds / 1000).\(String(milliseconds % 1000 + 1000).dropFirst())"
      self.labels = labels
    }

    /// Takes 1 for true and 0 for false.
    public init(_ flag: Bool, _ labels: Labels = [:]) { self.init(flag ? 1 : 0, labels) }
  }

  /// What every metric's name begins with.
  public static let prefix = "haplo_importd_"
  private var lines: [String] = []

  public init() {}

  /// Adds a figure that goes up and down. A metric without samples is left out.
  public mutating func gauge(_ name: String, _ help: String, _ samples: [Sample]) {
    add(name, help, type: "gauge", samples)
  }

  /// Adds a figure that only grows, from 0 at each start of the program; `_total` is added to its name.
  public mutating func counter(_ name: String, _ help: String, _ samples: [Sample]) {
    add(name + "_total", help, type: nil, samples)
  }

  /// The whole text, with its end.
  public var text: String { (lines + ["# EOF", ""]).joined(separator: "\n") }

  private mutating func add(_ name: String, _ help: String, type: String?, _ samples: [Sample]) {
    guard !samples.isEmpty else { return }
    let name = Self.prefix + name
    lines.append("# HELP \(name) \(Self.escaped(help))")
    if let type { lines.append("# TYPE \(name) \(type)") }
    lines += samples.map { "\(name)\(Self.labels($0)) \($0.value)" }
  }

  private static func labels(_ sample: Sample) -> String {
    guard !sample.labels.isEmpty else { return "" }
    return "{" + sample.labels.map { "\($0.key)=\"\(escaped($0.value))\"" }.joined(separator: ",") + "}"
  }

  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n": result += "\\n"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
}
