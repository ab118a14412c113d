import Glibc
import HaploSimulator
import ImportCore
@testable import ImportRuntime
@testable import ImportStorage
import ImportSystem
import Testing

@testable import ImportService

/// A set whose folder cannot be moved, as `list` and `show` report it while the daemon runs.
@Suite struct ObstacleReportTests {
  let place = Place()

  @Test func `list and show give the error that keeps a set from the archive, and the remedy`() async throws {
    let simulator = try Simulator(apiKey: TestService.key)
    let service = TestService(place, simulator)
    SampleSet(name: "one").drop(in: place)
    let disk = Disk()
    disk.add(
      Disk.Failure(
        errno: EACCES, matches: { $0.kind == .rename && $0.purpose == "archive" }, times: .max))
    try await service.once(disk)
    let (live, journal) = try await service.live()
    let set = try #require(journal.deliveries { _ in true }.first?.set)
    let obstacles = live.once.obstacles
    func reports() throws -> SpoolReports {
      SpoolReports(
        try service.load().configuration, journal, fileSystem: disk.fileSystem, now: service.time.now,
        obstacles: obstacles)
    }
    let passing = try reports().show(set.text)
    #expect(passing.set?.reason == nil && passing.outlook == "the set is moved to the archive")
    for _ in 1...SetObstacles.passingTries {
      let error = SystemError(call: "rename", object: "'x'", errno: EACCES)
      _ = obstacles.note(error, "archive", of: set, at: service.time.now)
    }
    let reason = "the set cannot be archived: cannot rename 'x': Permission denied"
    let remedy = "remove the cause; the daemon retries every 10 s"
    let listed = try #require(try reports().list(SetSelection()).sets.first)
    #expect(listed.reason == reason && listed.remedy == remedy)
    let shown = try reports().show(set.text)
    #expect(shown.set == listed)
    #expect(shown.outlook == "nothing at present: \(reason); \(remedy)")
  }
}
