import HaploSimulator
import Testing

/// A simulator with a key for the pages and a clock that a test moves; a job runs for 10 s.
struct OutcomeBench {
  let clock = ManualClock()
  let simulator: Simulator

  init(_ change: (inout SimulatorOptions) -> Void = { _ in }) throws {
    var options = SimulatorOptions(apiKey: goodKey)
    options.outcomeKeys = [outcomeKey]
    options.jobTime = .seconds(10)
    options.clock = { [clock] in clock.now }
    change(&options)
    simulator = try Simulator(options)
  }

  /// Creates a batch with this comment, form-encoded, and schedules it.
  /// - Returns: its identifier.
  @discardableResult
  func schedule(_ comment: String = "hr+export", mode: String? = nil) throws -> String {
    let batch = try newBatch(comment)
    _ = try simulator.schedule(batch, mode: mode)
    return batch
  }

  func newBatch(_ comment: String = "hr+export") throws -> String {
    let control = try simulator.send(.multipart(.control, [.file(goodControl, filename: "control.json")]))
    return try simulator.send(.form(.batch, "control=\(control?.body ?? "")&comment=\(comment)"))?.body ?? ""
  }

  /// The states in the rows of the list, newest first, each with what stands under *Errors*.
  func listed() throws -> [String] {
    let page = try #require(try simulator.send(.page("batches"))).body
    return page.split(separator: "\n").filter { $0.hasPrefix("<tr><td>") }.map { row in
      let cells = row.split(separator: "<td>").map {
        $0.split(separator: "</td>").first.map(String.init) ?? ""
      }
      return cells[2] + " " + cells[3]
    }
  }

  /// The page of a batch by its number.
  func page(_ number: Int) throws -> String {
    try #require(try simulator.send(.page("batch/\(number)"))).body
  }
}
