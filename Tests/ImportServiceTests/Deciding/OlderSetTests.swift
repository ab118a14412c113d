import FoundationEssentials
import HaploSimulator
import ImportCore
import ImportRuntime
import Testing

@testable import ImportService

/// A set that is requeued after newer ones of its source were imported may replace newer data by older: a person is warned.
@Suite struct OlderSetTests {
  let place = Place()
  let simulator: Simulator
  var service: TestService

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
    service.sources["hr"] = "Mode=import"
  }

  /// Drops a set that is rejected for its control file, and returns its id.
  private func rejected() async throws -> SetID {
    let folder = "\(place.root)/wrong"
    place.makeFolder(folder)
    place.write("{}", to: "\(folder)/control.json")
    try FileManager.default.moveItem(atPath: folder, toPath: "\(place.drop())/wrong")
    try await service.once()
    return try #require(place.reading().state.deliveries.values.first).set
  }

  private func retry(_ set: SetID) async throws -> String {
    let outcome = try await OfflineDecisions(service.load().configuration, log: service.log).perform(
      .decide(.retry(importAgain: false), sets: [set.text]), by: "ada")
    return try #require(outcome?.results.first).text
  }

  @Test func `retry names the newer sets that were imported meanwhile`() async throws {
    let old = try await rejected()
    for name in ["one", "two"] {
      (service.time as? FastTime)?.skip(.seconds(60))
      SampleSet(name: name).drop(in: place)
      try await service.once()
    }
    let history = try #require(place.reading().state.histories[old.source])
    let last = try #require(history.lastImport?.set)
    #expect(
      try await retry(old)
        == "requeued. Warning: 2 newer sets of source hr were scheduled for import already (the last one: \(last)), "
        + "so importing this one may replace newer data by older; to prevent that, run "
        + "'haplo-importd reject \(old) --reason TEXT' now")
  }

  @Test func `no warning before a newer set was imported`() async throws {
    SampleSet(name: "one").drop(in: place)
    try await service.once()
    (service.time as? FastTime)?.skip(.seconds(60))
    #expect(try await retry(rejected()) == "requeued")
  }
}
