import FoundationEssentials
import Glibc
import HaploSimulator
import ImportCore
import ImportRuntime
import ImportService
import ImportSystem
import Testing

/// Within a source sets are scheduled in their order, whatever happens on the way.
@Suite struct OrderTests {
  @Test(arguments: [1, 4], [11, 12, 13])
  func `deferrals at random do not change the order`(maxInFlight: Int, seed: Int) async throws {
    let place = Place()
    let simulator = try Simulator(apiKey: TestService.key)
    for fault in ["file:503:probability=0.3", "schedule:drop:probability=0.3", "batch:proxy:probability=0.2"]
    {
      try simulator.add("\(fault):seed=\(seed)")
    }
    var service = TestService(place, simulator)
    service.sources = ["hr": "MaxInFlight=\(maxInFlight)", "finance": "MaxInFlight=\(maxInFlight)"]
    let sets = (1...10).map { SampleSet(name: "set\(10 + $0)", source: $0 % 2 == 0 ? "hr" : "finance") }
    for set in sets { set.drop(in: place) }
    let daemon = Task { [service] in try await service.run(.daemon, Disk()) }
    #expect(await service.log.tell(.setArchived, times: sets.count), "\(service.log.text)")
    daemon.cancel()
    _ = try await daemon.value
    Promise(place: place, record: simulator.record, scheduled: sets, context: service.log.text).check()
  }

  /// Rows: the quiet time, the sets uploaded at once, whether the daemon or `once` finds them.
  @Test(arguments: ["0", "5s"], [1, 4])
  func `a backlog is scheduled in the order in which it was dropped`(quiet: String, maxInFlight: Int)
    async throws
  {
    for isOnce in [true, false] {
      let place = Place()
      let simulator = try Simulator(apiKey: TestService.key)
      var service = TestService(place, simulator)
      service.quiet = quiet
      service.sources = ["hr": "MaxInFlight=\(maxInFlight)"]
      // Their ctimes differ only if the kernel's clock has gone on in between.
      let sets = ["z", "y", "m", "b", "a"].map { SampleSet(name: $0) }
      for set in sets {
        set.drop(in: place)
        await nextTick(after: "\(place.drop())/\(set.name)", in: place)
      }
      if isOnce {
        try await service.onceUntilSettled()
      } else {
        let daemon = Task { [service] in try await service.run(.daemon, Disk()) }
        #expect(await service.log.tell(.setArchived, times: sets.count), "\(service.log.text)")
        daemon.cancel()
        _ = try await daemon.value
      }
      Promise(place: place, record: simulator.record, scheduled: sets, context: service.log.text).check()
      let listed = try SpoolReports(
        service.load().configuration, place.reading().state, fileSystem: FileSystem(), now: service.time.now
      ).list(SetSelection()).sets
      #expect(listed.map(\.name) == sets.map(\.name), "the list has them in another order")
    }
  }

  /// Returns when the file system gives a later ctime than that of a folder.
  private func nextTick(after path: String, in place: Place) async {
    let probe = place.root + "/probe"
    repeat {
      place.write("", to: probe)
      chmod(probe, 0o600)
      await Task.yield()
    } while changeTime(of: probe) <= changeTime(of: path)
  }

  private func changeTime(of path: String) -> Int64 {
    var status = stat()
    return stat(path, &status) == 0
      ? Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec) : 0
  }

  @Test(arguments: ["0", "5s"]) func `Order=name goes by name among those that wait`(quiet: String)
    async throws
  {
    let place = Place()
    let simulator = try Simulator(apiKey: TestService.key)
    var service = TestService(place, simulator)
    service.quiet = quiet
    service.sources = ["hr": "Order=name"]
    let sets = ["d", "b", "a", "c"].map { SampleSet(name: $0) }
    for set in sets { set.drop(in: place) }
    try await service.onceUntilSettled()
    let sorted = sets.sorted { $0.name < $1.name }
    Promise(place: place, record: simulator.record, scheduled: sorted, context: service.log.text).check()
  }

  /// Each set at work takes memory. The one for which all others wait is begun all the same.
  @Test(.timeLimit(.minutes(5)))
  func `no more than some hundreds are uploaded ahead of the one whose turn it is`() async throws {
    let place = Place()
    let simulator = try Simulator(apiKey: TestService.key)
    var service = TestService(place, simulator)
    service.sources = ["hr": "Order=name"]
    let sets =
      (0..<300).map { SampleSet(name: "set\($0 + 100)", keys: ["data0"]) } + [SampleSet(name: "first")]
    for set in sets { set.drop(in: place) }
    try await service.once()
    let steps = simulator.record.requests.map(\.step)
    // Eight may ask before the control file is there.
    #expect(steps.prefix { $0 != .schedule }.count { $0 == .batch } <= 256 + 1 + 8)
    let sorted = sets.sorted { $0.name < $1.name }
    Promise(place: place, record: simulator.record, scheduled: sorted).check()
  }

  @Test func `a set in doubt when URL= changes is held, and no other server gets it`() async throws {
    let trial = try Trial(.twoFolders)
    try trial.simulator.add("schedule:drop")
    try await trial.service.once()
    let other = try Simulator(apiKey: TestService.key)
    var moved = trial.service
    moved.url = other.url
    try await moved.onceUntilSettled()
    #expect(trial.simulator.record.jobs.count == 1)
    #expect(other.record.jobs.count == 1, "only the set that was not in doubt")
    #expect(trial.place.files(below: "spool/held").count == 5)
    let held = try #require(trial.service.log.of(.setHeld).first)
    #expect(
      held["reason"]?.contains(trial.simulator.url) == true && held["reason"]?.contains(other.url) == true)
  }

  @Test func `sets of a source that was taken out wait and say so`() async throws {
    let trial = try Trial(.twoFolders)
    try trial.simulator.add("file:503")
    try await trial.service.once()
    trial.simulator.clearFaults()
    var without = trial.service
    without.sources = ["finance": ""]
    (without.time as? FastTime)?.skip(.seconds(660))
    without.log = Lines()
    let daemon = Task { [without] in try await without.run(.daemon, Disk()) }
    #expect(await without.log.tell(.setDeferred, times: 2))
    daemon.cancel()
    _ = try await daemon.value
    #expect(trial.simulator.record.jobs.isEmpty)
    #expect(trial.place.files(below: "spool/work").count == 6)
    #expect(
      without.log.of(.setDeferred).allSatisfy {
        $0["reason"] == "its source is not in the configuration any more"
      })
    try await trial.service.onceUntilSettled()
    trial.promise("with its source back").check()
  }
}
