import Glibc
import HaploSimulator
import ImportCore
import ImportRuntime
import ImportService
import Testing

/// A drop directory below a directory that is the exporter's own, which the exporter replaces by a link to somewhere else.
@Suite struct RedirectedDropTests {
  /// Where the link leads, from the root of the place: the name of the drop directory is then another source's, or a folder of
  /// the spool's own.
  @Test(arguments: [("hr", "spool/drop"), ("archive", "spool"), ("held", "spool"), ("work", "spool")])
  func `a directory that has become another's is refused`(name: String, target: String) async throws {
    let place = Place()
    let simulator = try Simulator(apiKey: TestService.key)
    var service = TestService(place, simulator)
    let own = place.root + "/exporter"
    place.makeFolder("\(own)/\(name)")
    // The other source waits for a marker, so that its set lies there.
    service.sources = ["hr": "MarkerFile=never", "finance": "Mode=import\nDirectory=\(own)/\(name)"]
    SampleSet(name: "one").drop(in: place)
    let daemon = Task { [service] in try await service.run(.daemon, Disk()) }
    #expect(await service.log.tell(.started), "\(service.log.text)")
    #expect(rename(own, own + "-2") == 0 && symlink("\(place.root)/\(target)", own) == 0)
    #expect(await service.log.tell(.directoryLost), "\(service.log.text)")
    #expect(simulator.record.jobs.isEmpty)
    unlink(own)
    #expect(rename(own + "-2", own) == 0)
    let set = SampleSet(name: "two", source: "finance")
    set.drop(in: place)
    #expect(rename("\(place.drop("finance"))/two", "\(own)/\(name)/two") == 0)
    #expect(await service.log.tell(.setArchived), "\(service.log.text)")
    daemon.cancel()
    _ = try await daemon.value
    #expect(simulator.record.jobs.count == 1)
    #expect(place.entries(below: "drop/hr").contains("one"))
  }
}
