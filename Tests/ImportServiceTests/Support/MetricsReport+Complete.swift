import FoundationEssentials
@testable import HaploAPI
import ImportCore
@testable import ImportService
import Testing

extension MetricsReport {
  /// A report in which no metric is left out.
  static func complete() throws -> MetricsReport {
    let source = try #require(SourceName("hr"))
    let set = try #require(SetID("20261124T070512Z-hr-7f3k2m9q"))
    let now = try #require(Timestamp("2026-11-24T07:05:12Z"))
    let claim = Claim(
      form: .folder, name: "x", directory: "/d", control: "control.json", completed: now, items: [])
    var server = ServerBreaker()
    _ = server.refused(.keyRefused, Reason("no"), key: "k", at: now)
    var state = JournalState()
    let digest = String(repeating: "0", count: 64)
    let history = try JSONDecoder().decode(
      SourceHistory.self,
      from: Data(
        """
        {"lastImport": {"set": "\(set)", "time": "\(now.rfc3339)", "control": "\(digest)", "files":
          [{"key": "x", "sha256": "\(digest)", "size": 1, "records": 1}]}}
        """.utf8))
    for (number, entry) in [
      JournalEntry.event(.claimBegun(claim: claim), set: set), .server(server), .history(source, history),
    ].enumerated() {
      try state.apply(JournalRecord(sequence: Int64(number + 1), synced: 0, time: now, entry: entry))
    }
    let text = "[Server]\nURL=https://h\n[Source hr]\n"
    var requests = ServerTally.Counts()
    requests.certificateExpiry = now
    return MetricsReport(
      now: now, started: now, isRunning: true,
      configuration: try Configuration.parse(
        [ConfigurationFile(path: "x", text: text)], environment: .init()),
      state: state, journalBytes: 1, tally: DeliveryTally(), archived: [:], requests: requests,
      breaker: server, clientCertificateExpiry: now, room: [.init(directory: "spool", bytes: 1, inodes: 1)],
      isDiskFull: false,
      intakes: [source: Intake.Gauges(mode: "polled", incoming: 0)], notices: 0)
  }
}
