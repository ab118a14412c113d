import FoundationEssentials
import Glibc
@testable import ImportService
import Testing

/// The example dashboard for Grafana must query metrics and labels that the program writes.
@Suite struct DashboardTests {
  private static let root = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined()

  /// The members of the file that are examined.
  private struct Dashboard: Decodable {
    struct Panel: Decodable {
      struct Target: Decodable {
        var expr: String
        var legendFormat: String
      }

      var title: String
      var type: String
      var description: String?
      var targets: [Target]?
    }

    struct Variables: Decodable {
      struct Variable: Decodable {
        var name: String
        var definition: String?
      }

      var list: [Variable]
    }

    var panels: [Panel]
    var templating: Variables
  }

  private let dashboard: Dashboard
  private let metrics: OpenMetricsReader

  init() throws {
    let path = "\(Self.root)/etc/examples/monitoring/grafana.json"
    dashboard = try JSONDecoder().decode(Dashboard.self, from: Data(contentsOf: URL(filePath: path)))
    metrics = try OpenMetricsReader(try MetricsReport.complete().text)
  }

  private var targets: [Dashboard.Panel.Target] { dashboard.panels.flatMap { $0.targets ?? [] } }

  /// The labels of a metric with all their values; nil if the program does not write the metric.
  private func labels(of name: Substring) -> [Substring: Set<Substring>]? {
    metrics.samples[String(name)]?.keys.reduce(into: [:]) { labels, series in
      for match in series.matches(of: #/([a-z_]+)="([^"]*)"/#) {
        labels[match.output.1, default: []].insert(match.output.2)
      }
    }
  }

  @Test func `every metric, label and value that a panel names exists`() throws {
    #expect(targets.count >= 20)
    for expression in targets.map(\.expr) + dashboard.templating.list.compactMap(\.definition) {
      let queried = expression.matches(of: #/(haplo_importd_[a-z_]+)(?:\{([^}]*)\})?/#)
      #expect(!queried.isEmpty, "\(expression)")
      for match in queried {
        let known = try #require(labels(of: match.output.1), "\(match.output.1) in \(expression)")
        for selector in (match.output.2 ?? "").matches(of: #/([a-z_]+)(?:=~|!~|!=|=)"([^"]*)"/#)
        where selector.output.1 != "instance" {
          let values = try #require(known[selector.output.1], "\(selector.output.1) in \(expression)")
          if selector.output.2.hasPrefix("$") { continue }
          for value in selector.output.2.split(separator: "|") {
            #expect(values.contains(value), "\(selector.output.0) in \(expression)")
          }
        }
      }
    }
  }

  @Test func `a panel groups and names by labels that its metrics have`() throws {
    for target in targets {
      let names = target.expr.matches(of: #/haplo_importd_[a-z_]+/#).map(\.output)
      let known = names.reduce(into: Set<Substring>(["instance"])) { known, name in
        known.formUnion((labels(of: name) ?? [:]).keys)
      }
      let grouped = target.expr.matches(of: #/(?:by|on) \(([^)]*)\)/#).flatMap {
        $0.output.1.split(separator: ", ")
      }
      let shown = target.legendFormat.matches(of: #/\{\{([^}]*)\}\}/#).map(\.output.1)
      for label in grouped + shown { #expect(known.contains(label), "\(label) in \(target.expr)") }
    }
  }

  @Test func `every metric that can ask for action is on the dashboard`() throws {
    let all = targets.map(\.expr).joined(separator: " ")
    for name in metrics.names
    where !["start_timestamp_seconds", "server_next_probe_timestamp_seconds", "uploaded_files_total"]
      .contains(name.dropFirst(14))
    {
      #expect(all.contains(name), "\(name)")
    }
  }

  @Test func `every panel says what it shows`() throws {
    for panel in dashboard.panels where panel.type != "row" {
      #expect(panel.description?.isEmpty == false, "\(panel.title)")
    }
    for variable in ["$instance", "$source"] {
      #expect(dashboard.templating.list.contains { "$\($0.name)" == variable })
    }
  }

  @Test(
    .enabled(if: system("command -v promtool >/dev/null") == 0, "promtool (package prometheus) is not here"))
  func `promtool parses every query`() throws {
    let rules = targets.enumerated().map { number, target in
      let query = target.expr.replacing("$__rate_interval", with: "5m").replacing("'", with: "''")
      return "  - record: panel_\(number)\n    expr: '\(query)'\n"
    }
    let path = "/tmp/haplo-dashboard-\(getpid()).yml"
    try Data("groups:\n- name: dashboard\n  rules:\n\(rules.joined())".utf8).write(to: URL(filePath: path))
    defer { unlink(path) }
    let run = popen("promtool check rules \(path) 2>&1", "r")
    var output: [UInt8] = []
    while case let byte = fgetc(run), byte != EOF { output.append(UInt8(byte)) }
    #expect(pclose(run) == 0, "\(String(decoding: output, as: UTF8.self))")
  }
}
