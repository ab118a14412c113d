import Glibc
import HaploSimulator
import ImportCore
@testable import ImportRuntime
import ImportSystem
import Testing

@testable import ImportService

/// Sets on whose own files work keeps failing.
@Suite struct ObstructedSetTests {
  let place = Place()
  let simulator: Simulator
  var service: TestService

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
    service.sources = ["hr": "", "finance": ""]
  }

  private func failing(
    _ errno: Int32, _ matches: @escaping @Sendable (FileOperation) -> Bool
  ) -> Disk {
    let disk = Disk()
    disk.add(Disk.Failure(errno: errno, matches: matches, times: .max))
    return disk
  }

  @Test(arguments: [EACCES, EIO])
  func `once ends though a set cannot be moved to the archive, and says so`(errno: Int32) async throws {
    SampleSet(name: "one").drop(in: place)
    SampleSet(name: "two", source: "finance").drop(in: place)
    let summary = try await service.once(
      failing(errno) { $0.kind == .rename && $0.purpose == "archive" && $0.object.contains("/hr/") })
    #expect(summary.obstructed == 1, "\(service.log.text)")
    #expect(summary.hasFailedDisk == (errno == EIO))
    #expect(simulator.record.jobs.count == 2)
    #expect(service.log.of(.setObstructed).count == 1)
    let after = try await service.once()
    #expect(after.obstructed == 0 && after.deferred == 0)
    Promise(
      place: place, record: simulator.record,
      scheduled: [SampleSet(name: "one"), SampleSet(name: "two", source: "finance")]
    ).check()
  }

  @Test func `once ends though a set cannot be taken out of its drop directory`() async throws {
    SampleSet(name: "one").drop(in: place)
    SampleSet(name: "two", source: "finance").drop(in: place)
    let summary = try await service.once(
      failing(EACCES) { $0.kind == .rename && $0.purpose == "claim" && $0.object.contains("/hr/") })
    #expect(summary.obstructed == 1, "\(service.log.text)")
    #expect(simulator.record.jobs.count == 1)
    #expect(place.entries(below: "drop/hr").contains("one"))
    let after = try await service.once()
    #expect(after.obstructed == 0)
    #expect(simulator.record.jobs.count == 2)
  }

  @Test func `the daemon holds a scheduled set that cannot be moved to the archive, with its batch`()
    async throws
  {
    SampleSet(name: "one").drop(in: place)
    let disk = failing(EACCES) { $0.kind == .rename && $0.purpose == "archive" }
    let daemon = Task { try await service.run(.daemon, disk) }
    #expect(await service.log.tell(.setHeld), "\(service.log.text)")
    #expect(
      await comesTrue { place.files().contains { $0.hasPrefix("held/") && $0.hasSuffix("REASON.txt") } })
    daemon.cancel()
    _ = await daemon.result
    let job = try #require(simulator.record.jobs.first)
    let reason = try #require(place.files().first { $0.hasSuffix("REASON.txt") })
    #expect(place.text("\(place.spool)/\(reason)").contains(job.batch))
    #expect(simulator.record.jobs.count == 1)
  }

  @Test func `a sub-folder that cannot be read any more keeps a scheduled set from nothing`() async throws {
    let set = SampleSet(name: "one")
    set.drop(in: place)
    place.makeFolder("\(place.drop())/one/sub")
    place.write("notes", to: "\(place.drop())/one/sub/notes.txt")
    let summary = try await service.once(
      failing(EACCES) {
        $0.kind == .open && $0.object.contains("/work/") && $0.object.hasSuffix("/files/sub")
      })
    #expect(summary.obstructed == 0 && summary.deferred == 0, "\(service.log.text)")
    #expect(service.log.of(.setArchived).count == 1)
    #expect(service.log.of(.filesUnreadable).count == 1)
    #expect(place.files().contains { $0.hasPrefix("archive/") && $0.hasSuffix("sub/notes.txt") })
  }

  @Test(arguments: [EMFILE, ENFILE, ENOMEM])
  func `a set that was left because of a limit of this process counts`(errno: Int32) async throws {
    SampleSet(name: "one").drop(in: place)
    let summary = try await service.once(
      failing(errno) { [.open, .list].contains($0.kind) && $0.object.hasSuffix("/drop/hr/one") })
    #expect(summary.hasMetLimit, "\(service.log.text)")
    #expect(place.entries(below: "drop/hr").contains("one"))
  }

  @Test func `a limit that other sets have met only while they were open leaves nothing behind`() async throws
  {
    let sets = (1...3).map { SampleSet(name: "set-\($0)") }
    for set in sets { set.drop(in: place) }
    let disk = Disk()
    disk.add(
      Disk.Failure(errno: EMFILE, matches: { $0.kind == .open && $0.object.hasSuffix("/drop/hr/set-2") }))
    let summary = try await service.once(disk)
    #expect(!summary.hasMetLimit && summary.deferred == 0, "\(service.log.text)")
    #expect(simulator.record.jobs.count == 3)
  }
}
