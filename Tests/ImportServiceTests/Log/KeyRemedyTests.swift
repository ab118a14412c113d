import HaploSimulator
@testable import ImportRuntime
import Testing

@testable import ImportService

@Suite struct KeyRemedyTests {
  @Test func `the line about a refused key names the file that is read, and the command`() async throws {
    let place = Place()
    let simulator = try Simulator(apiKey: "another-key-0123456789-abcdefghijklmnopqrst")
    let service = TestService(place, simulator)
    SampleSet(name: "one").drop(in: place)
    try await service.once()
    let line = try #require(service.log.of(.serverRefused).first)
    let remedy = try #require(line["remedy"])
    #expect(remedy == "write a valid key to \(place.root)/api-key, then run 'systemctl reload haplo-importd'")
  }
}
