import Glibc
import HaploSimulator
import ImportSystem
import Synchronization
import Testing

@testable import ImportService

/// `URL=` is changed while sets are on their way.
@Suite(.timeLimit(.minutes(5))) struct OtherServerTests {
  let place = Place()

  @Test func `all sets on their way go to the new server, each once and in their order`() async throws {
    let (old, new) = (try Simulator(apiKey: TestService.key), try Simulator(apiKey: TestService.key))
    var service = TestService(place, old)
    service.server = "MaxConnections=8"
    service.sources = ["hr": "MaxInFlight=4\nMode=import", "finance": "MaxInFlight=2\nMode=import"]
    var moved = service
    moved.url = new.url
    try old.add("file:stall:at=end")
    let sets = (0..<24).map {
      SampleSet(name: "set\(100 + $0)", source: $0 % 3 == 0 ? "finance" : "hr", keys: ["data0", "data1"])
    }
    for set in sets { set.drop(in: place) }
    let hasMoved = Atomic(false)
    let signals = SignalInbox.apart()
    let parts = ServiceParts(
      load: { [service, moved] in try (hasMoved.load(ordering: .relaxed) ? moved : service).load() },
      transport: { try $0.makeTransport() }, fileSystem: FileSystem(), time: service.time, log: service.log)
    let daemon = Task { try await Service(parts, purpose: .daemon, signals: signals).run() }
    #expect(await old.wait(atMost: .seconds(60)) { $0.requests(of: .file) == 6 })
    hasMoved.store(true, ordering: .relaxed)
    signals.put(SIGHUP)
    #expect(await service.log.tell(.setArchived, times: sets.count), "\(service.log.text)")
    daemon.cancel()
    _ = try await daemon.value
    #expect(old.record.jobs.isEmpty)
    #expect(service.log.of(.setDeferred).isEmpty, "\(service.log.text)")
    Promise(place: place, record: new.record, scheduled: sets, context: service.log.text).check()
  }
}
