import FoundationEssentials
@testable import HaploAPI
import HaploSimulator
import ImportCore
@testable import ImportRuntime
@testable import ImportService
import ImportSystem
import Testing

/// What proves that a set is scheduled: the server's word, or only the state of its batch.
@Suite(.timeLimit(.minutes(5))) struct ScheduleProofTests {
  private func receipt(_ trial: Trial) throws -> Receipt {
    let path = try #require(trial.place.files(below: "spool/archive").first { $0.hasSuffix("receipt.json") })
    return try JSONDecoder().decode(
      Receipt.self, from: Data(trial.place.bytes("\(trial.place.spool)/archive/\(path)")))
  }

  @Test func `the server's word is the usual proof`() async throws {
    let trial = try Trial(.flat)
    try await trial.service.onceUntilSettled()
    #expect(try receipt(trial).confirmed == .scheduled)
    #expect(trial.service.log.of(.setScheduled).first?["confirmed"] == nil)
  }

  /// Rows: what came of the call that did schedule the batch, and whether the server itself failed in it.
  @Test(arguments: [("schedule:drop:nth=1", false), ("schedule:fail:status=500:at=end:nth=1", true)])
  func `a batch whose state is the only proof is said to be`(fault: String, isWarning: Bool) async throws {
    let trial = try Trial(.flat)
    try trial.simulator.add(fault)
    try await trial.service.onceUntilSettled()
    trial.promise(fault).check()
    #expect(try receipt(trial).confirmed == .stateOnly)
    let told = try #require(trial.service.log.of(.setScheduled).first)
    #expect(told["confirmed"] == "state-only")
    #expect(told["reason"]?.hasPrefix("scheduled earlier, confirmed by state only") == true)
    #expect(told.priority == (isWarning ? .warning : .notice))
    #expect((told["http"] == "500") == isWarning)
    let set = try #require(told["set"])
    func stateOnly(after days: Int64) throws -> StatusReport {
      let configuration = try trial.service.load().configuration
      let copy = try JournalCopy(configuration.daemon.stateDirectory, fileSystem: FileSystem())
      let now = trial.service.time.now.advanced(by: .seconds(86_400 * days))
      return StatusReport(configuration, try #require(copy.reading).state, daemon: .stopped, now: now)
    }
    let status = try stateOnly(after: 0)
    #expect(status.sources.first?.stateOnly == [set])
    #expect(
      status.attention.contains { $0.line.hasSuffix("list of batches; run 'haplo-importd show \(set)'") })
    #expect(try stateOnly(after: 2).sources.first?.stateOnly == [])
  }

  /// Rows: what an earlier attempt came to, and whether the answer can be believed then.
  @Test(
    arguments: [(nil, false), (BodySent.nothing, false), (.part, true), (.whole, true)] as [(BodySent?, Bool)]
  )
  func `a first call that finds its batch scheduled already holds the set`(
    earlier: BodySent?, isBelieved: Bool
  ) async throws {
    let trial = try Trial(.flat)
    let calls = Counter()
    var parts = trial.service.parts()
    parts.transport = { loaded in
      Firewall(client: try loaded.makeTransport()) { request in
        guard case .schedule(let batch, _) = request.kind else { return nil }
        if let earlier, calls.next() == 1 { return .failed("no connection", sent: earlier) }
        let text = "Batch \(batch) is not in the 'uploading' state"
        return .answered(Answer(status: 400, mediaType: "text/plain", body: text), sent: .whole)
      }
    }
    let daemon = Task { [parts] in try await Service(parts, purpose: .daemon, signals: nil).run() }
    #expect(await trial.service.log.tell(isBelieved ? .setArchived : .setHeld), "\(trial.service.log.text)")
    daemon.cancel()
    _ = try await daemon.value
    guard !isBelieved else { return #expect(try receipt(trial).confirmed == .stateOnly) }
    let held = try #require(trial.service.log.of(.setHeld).first)
    #expect(held["reason"]?.contains("although this was the first call to schedule it") == true)
    #expect(held["batch"] != nil, "a person must know which batch may be scheduled")
  }
}
