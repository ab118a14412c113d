import Glibc
import HaploSimulator
import ImportCore
import ImportSystem
import Testing

@testable import ImportService

/// A file system that does not know RENAME_NOREPLACE, with and without hard links.
@Suite struct NoReplaceTests {
  let place = Place()
  let simulator: Simulator
  var service: TestService

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
  }

  private static func disk(_ errno: Int32, hasLinks: Bool) -> Disk {
    let disk = Disk()
    disk.add(
      Disk.Failure(
        errno: errno,
        matches: {
          $0.kind == .rename && !$0.purpose.hasSuffix(", by a look") && !$0.object.hasSuffix(".new")
        }, times: .max))
    if !hasLinks { disk.add(Disk.Failure(errno: EPERM, matches: { $0.kind == .link }, times: .max)) }
    return disk
  }

  @Test(arguments: [EINVAL, ENOSYS], [true, false])
  func `sets are taken, sent and archived there too`(errno: Int32, hasLinks: Bool) async throws {
    let sets = [SampleSet(name: "one"), SampleSet(name: "control.json", form: .flat, keys: ["data2"])]
    sets[0].drop(in: place)
    let disk = Self.disk(errno, hasLinks: hasLinks)
    _ = try await service.once(disk)
    sets[1].drop(in: place)
    let summary = try await service.once(disk)
    #expect(summary.deferred == 0 && summary.obstructed == 0, "\(service.log.text)")
    Promise(place: place, record: simulator.record, scheduled: sets).check()
  }

  @Test(arguments: [true, false])
  func `a name that is taken is left alone`(hasLinks: Bool) throws {
    let directory = try Self.disk(EINVAL, hasLinks: hasLinks).fileSystem.openDirectory(place.root)
    place.write("one", to: place.root + "/one")
    place.write("two", to: place.root + "/two")
    place.makeFolder(place.root + "/folder")
    place.makeFolder(place.root + "/empty")
    for (name, taken) in [("one", "two"), ("folder", "empty"), ("folder", "two")] {
      let error = #expect(throws: SystemError.self) {
        try directory.rename(name, to: directory, as: taken, for: "test")
      }
      #expect(error?.exists == true)
    }
    #expect(place.text(place.root + "/two") == "two" && place.text(place.root + "/one") == "one")
    try directory.rename("one", to: directory, as: "three", for: "test")
    #expect(place.text(place.root + "/three") == "one")
    #expect(try directory.status("one") == nil)
  }
}
