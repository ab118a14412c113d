import HaploSimulator
import ImportCore
@testable import ImportRuntime
import Testing

@testable import ImportService

/// Everywhere that the end of a job shows (docs/outcomes.md): list, status, `outcome.json`, the log's fields, metrics, notice and result file.
@Suite(.timeLimit(.minutes(3))) struct OutcomePlacesTests {
  struct Row: Sendable {
    /// The end of the job, for the simulator.
    var fault: String
    var mode = "import"
    var state: OutcomeState
    var errors: Int64?
    var kind: LogKind
    var priority: LogPriority
    /// Nil: nobody has to act.
    var notice: String?
    var result: String
  }

  private static let rows = [
    Row(
      fault: "schedule:complete:nth=1", state: .imported, errors: 0, kind: .outcomeGood, priority: .notice,
      result: "monday.imported"),
    Row(
      fault: "schedule:complete:errors=3:nth=1", state: .importedWithErrors, errors: 3,
      kind: .outcomeWithErrors, priority: .warning, notice: "was imported with 3 errors",
      result: "monday.imported"),
    Row(
      fault: "schedule:exception:nth=1", state: .failed, kind: .outcomeFailed, priority: .error,
      notice: "failed on the server", result: "monday.failed.txt"),
    Row(
      fault: "schedule:stuck:nth=1", state: .stuck, kind: .outcomeStuck, priority: .error,
      notice: "is stuck on the server", result: "monday.failed.txt"),
    Row(
      fault: "schedule:complete:nth=1", mode: "dry-run", state: .checked, errors: 0, kind: .outcomeGood,
      priority: .notice, result: "monday.checked"),
    Row(
      fault: "schedule:complete:errors=2:nth=1", mode: "dry-run", state: .checkedWithErrors, errors: 2,
      kind: .outcomeWithErrors, priority: .warning, result: "monday.checked"),
  ]

  @Test(arguments: rows.indices)
  func `the end of a job shows in every place`(index: Int) async throws {
    let row = Self.rows[index]
    let place = Place()
    var (simulator, service) = try TestService.readingOutcomes(place, mode: row.mode)
    service.sources = ["hr": "Mode=\(row.mode)\nResultFiles=yes"]
    service.daemon += "\nMetricsFile=\(place.root)/metrics/haplo.prom"
    place.makeFolder("\(place.root)/metrics")
    place.makeFolder("\(place.state)/notify/new")
    try simulator.add(row.fault)
    // Only the end of a later job proves that one is stuck. Each run counts from 0.
    var counted = 0.0
    for name in ["monday", row.state == .stuck ? "tuesday" : nil, nil, nil] {
      if let name {
        try await service.deliver(name, on: simulator)
      } else {
        try await service.once()
      }
      counted += try metrics(place)["outcomes_total", "source=\"hr\",outcome=\"\(row.state.rawValue)\""] ?? 0
    }

    let set = try #require(try service.reports().first { $0.name == "monday" })
    #expect(set.state == .archived && set.outcome?.state == row.state, "\(service.log.text)")
    #expect(set.outcome?.errors == row.errors && set.outcome?.seen != nil)
    let stored = place.text("\(set.path)/outcome.json")
    #expect(stored.contains("\"state\" : \"\(row.state.rawValue)\""), "\(stored)")
    let line = try #require(service.log.of(row.kind).first { $0["set"] == set.set.text })
    let fields = line.journalFields.map { "\($0.name)=\($0.value)" }
    for field in [
      "HAPLO_OUTCOME=\(row.state.rawValue)", "HAPLO_SET=\(set.set)", "MESSAGE_ID=\(row.kind.rawValue)",
    ] { #expect(fields.contains(field), "\(fields)") }
    #expect(line.priority == row.priority)
    #expect(counted == 1)
    try checkTrouble(row, set, place, service)
    #expect(place.files(below: "spool/drop/hr/.results").contains(row.result))
  }

  /// An outcome that needs a person is listed in the status, in the metrics, and in a notice.
  private func checkTrouble(_ row: Row, _ set: SetReport, _ place: Place, _ service: TestService) throws {
    let listed = try service.status().sources.first?.troubles.map(\.set) ?? []
    #expect(listed == (row.notice == nil ? [] : [set.set.text]))
    let notices = place.files(below: "state/notify/new")
    guard let notice = row.notice else { return #expect(notices == []) }
    let gauge = try metrics(place)["troubled_sets", "source=\"hr\",outcome=\"\(row.state.rawValue)\""]
    #expect(gauge == 1)
    #expect(notices == [set.set.text])
    let text = place.text("\(place.state)/notify/new/\(set.set)")
    #expect(text.hasPrefix("Subject: haplo-importd: set \(set.set) of source hr \(notice)\n\n"), "\(text)")
    #expect(text.contains("\nWhat to do\n"))
  }

  private func metrics(_ place: Place) throws -> OpenMetricsReader {
    try OpenMetricsReader(place.text("\(place.root)/metrics/haplo.prom"))
  }
}
