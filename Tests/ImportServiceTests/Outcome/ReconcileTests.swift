import HaploSimulator
import ImportCore
import Testing

@testable import ImportService

/// `reconcile` with the outcome key: what is in doubt is settled by the server's list of batches.
@Suite(.timeLimit(.minutes(5))) struct ReconcileTests {
  let place = Place()
  let simulator: Simulator
  var service: TestService

  init() throws {
    (simulator, service) = try TestService.readingOutcomes(place)
  }

  private func reconcile(dryRun: Bool = false, withKey: Bool = true) async throws -> [DecisionResult] {
    try await service.perform(.compareWithServer(dryRun: dryRun), withPages: withKey)?.results ?? []
  }

  private func retry(_ set: SetID) async throws -> DecisionResult? {
    try await service.perform(.decide(.retry(importAgain: false), sets: [set.text]))?.results.first
  }

  /// The comments of all jobs, each of which has the id of its set.
  private var scheduledComments: [String?] {
    simulator.record.jobs.map { job in simulator.record.batch(job.batch)?.comment }
  }

  /// A service whose journal is that of before its last two sets: one of them is archived, the other stands in `work/`, was
  /// scheduled, and nobody here knows it.
  private func restore() async throws -> SetID {
    SampleSet(name: "monday").drop(in: place)
    try await service.onceUntilSettled()
    let old = place.text(place.journal)
    (service.time as? FastTime)?.skip(.seconds(86_400))
    SampleSet(name: "tuesday").drop(in: place)
    try await service.onceUntilSettled()
    (service.time as? FastTime)?.skip(.seconds(60))
    try simulator.add("schedule:half")
    SampleSet(name: "wednesday").drop(in: place)
    try await service.once()
    simulator.clearFaults()
    #expect(simulator.record.jobs.count == 3, "\(service.log.text)")
    let stranger = try #require(place.reading().state.deliveries.values.first?.set)
    place.write(old, to: place.journal)
    return stranger
  }

  @Test func `after a restored journal the scheduled set is found, archived, and intake resumes`()
    async throws
  {
    let stranger = try await restore()
    SampleSet(name: "thursday").drop(in: place)
    #expect(try await service.once().isBlocked)
    let results = try await reconcile()
    #expect(
      results.first { $0.subject == stranger.text }?.text.contains("recorded as scheduled") == true,
      "\(results)")
    #expect(results.contains { $0.subject == "journal" && $0.outcome == .done })
    try await service.onceUntilSettled()
    #expect(simulator.record.jobs.count == 4, "\(service.log.text)")
    #expect(Set(scheduledComments).count == 4)
    let receipts = place.files(below: "spool/archive").filter { $0.hasSuffix("/receipt.json") }
    #expect(receipts.count == 4, "\(receipts)")
    let receipt = try #require(receipts.first { $0.contains(stranger.text) })
    let batch = try #require(simulator.record.jobs.dropFirst(2).first?.batch)
    let text = place.text("\(place.root)/spool/archive/\(receipt)")
    #expect(text.contains(batch) && text.contains("state-only"))
    let outcome = place.text(
      "\(place.root)/spool/archive/\(receipt)".replacing("receipt.json", with: "outcome.json"))
    #expect(outcome.contains("\"imported\"") && outcome.contains(batch), "\(outcome)")
    #expect(place.text(place.journal).contains("the server's list of batches, ada"))
  }

  @Test func `a dry run says the same and changes nothing`() async throws {
    let stranger = try await restore()
    _ = try await service.once()
    let before = try place.reading().state
    let results = try await reconcile(dryRun: true)
    #expect(
      results.first { $0.subject == stranger.text }?.text.contains("would be recorded as scheduled") == true)
    #expect(results.first { $0.subject == "journal" }?.text.contains("would resume") == true, "\(results)")
    #expect(try place.reading().state == before)
    #expect(try await service.once().isBlocked)
  }

  @Test func `without the outcome key nothing is settled, and the other way is named`() async throws {
    _ = try await restore()
    _ = try await service.once()
    let results = try await reconcile(withKey: false)
    #expect(results.map(\.outcome) == [.keyRefused])
    #expect(results.first?.text.contains("--assume-new") == true)
    #expect(try await service.once().isBlocked)
  }

  /// A set whose schedule call was answered by a server that had been restored from a backup.
  private func lose() async throws -> SetID {
    try simulator.add("schedule:forget:count=1")
    SampleSet(name: "monday").drop(in: place)
    try await service.once()
    simulator.clearFaults()
    let held = try #require(place.reading().state.deliveries.values.first)
    #expect(held.filedPlace == .held && held.needsImportAgain, "\(service.log.text)")
    return held.set
  }

  @Test func `a set that a restored server has lost can be retried without a second thought`() async throws {
    let set = try await lose()
    #expect(try await retry(set)?.outcome == .refused)
    let results = try await reconcile()
    #expect(results.first?.text.contains("no scheduled batch of this set") == true, "\(results)")
    #expect(try await retry(set)?.outcome == .done)
    try await service.onceUntilSettled()
    #expect(simulator.record.jobs.count == 1, "\(service.log.text)")
    #expect(
      place.text(place.journal).contains("foundUnscheduled") || place.files(below: "spool/archive").count > 0)
  }

  @Test(arguments: ["list-page:503", "list-page:403", "list-page:unknown-markup", "list-page:truncated"])
  func `a list that cannot be read to its end proves nothing`(fault: String) async throws {
    let set = try await lose()
    SampleSet(name: "tuesday").drop(in: place)
    try await service.once()
    try simulator.add(fault)
    let results = try await reconcile()
    #expect(
      results.last?.outcome == (fault.contains("403") ? .keyRefused : .serverUnavailable), "\(results)")
    #expect(try place.reading().state.deliveries[set]?.needsImportAgain == true)
    #expect(try await retry(set)?.outcome == .refused)
  }

  @Test func `without anything in doubt there is nothing to do and nothing is asked`() async throws {
    SampleSet(name: "monday").drop(in: place)
    try await service.onceUntilSettled()
    let before = simulator.record.requests(ofPage: .list)
    let results = try await reconcile()
    #expect(results.map(\.outcome) == [.done] && results.first?.text.contains("nothing to do") == true)
    #expect(simulator.record.requests(ofPage: .list) == before)
  }
}
