import FoundationEssentials
import HaploSimulator
import ImportCore
import ImportSystem
import Synchronization
import Testing

/// The machine dies at every single call that changes the disk, and a fresh service finishes what was begun.
@Suite struct CrashTests {
  enum Drop: String, CaseIterable, Sendable {
    case folder, twoFolders, flat, fixedControl
    /// Two folders with the default quiet time.
    case withQuietTime

    var sets: [SampleSet] {
      switch self {
      case .folder: [SampleSet(name: "one")]
      case .twoFolders, .withQuietTime: [SampleSet(name: "one"), SampleSet(name: "two")]
      case .flat: [SampleSet(name: "control.json", form: .flat)]
      case .fixedControl: [SampleSet(name: "one", hasControl: false)]
      }
    }
  }

  @Test(arguments: Drop.allCases, [false, true])
  func `a crash at any change leaves one schedule a set`(drop: Drop, afterCall: Bool) async throws {
    for number in 1...500 {
      let trial = try Trial(drop)
      let disk = Disk(dyingAt: number, afterCall: afterCall)
      _ = try? await trial.service.once(disk)
      guard disk.isDead else { return #expect(number > 30, "the run has fewer changes than it should have") }
      try await trial.service.onceUntilSettled()
      trial.promise("death at \(number), \(disk.last!)").check()
    }
    Issue.record("no run ended by itself")
  }

  @Test func `a folder that a crash left unsynced is synced before a set is put into it`()
    async throws
  {
    let trial = try Trial(.folder)
    let isParentOfDay: @Sendable (FileOperation) -> Bool = {
      let names = $0.object.split(separator: "/").suffix(4)
      return $0.kind == .sync && names.starts(with: ["archive", "hr"])
    }
    let dying = Disk(dyingAt: 1, counting: isParentOfDay)
    _ = try? await trial.service.once(dying)
    let folder = try #require(dying.last?.object)
    let order = Mutex<[String]>([])
    let second = Disk(counting: { operation in
      if operation.kind == .sync && operation.object == folder { order.withLock { $0.append("sync") } }
      let isMove =
        operation.kind == .rename && operation.purpose == "archive" && !operation.object.contains(".new")
      if isMove { order.withLock { $0.append("move") } }
      return false
    })
    _ = try await trial.service.once(second)
    #expect(
      order.withLock { Array($0.suffix(2)) } == ["sync", "move"], "\(folder): \(order.withLock { $0 })")
  }

  /// Each first crash with one second crash, which is another each time; or, at length, with each second one.
  @Test(arguments: Drop.allCases)
  func `a second crash during the recovery leaves one schedule a set`(drop: Drop) async throws {
    var pairs = 0
    for first in 1...500 {
      for second in Self.everyPair ? Array(1...Self.longestRun) : [first * 7 % Self.longestRun + 1] {
        let trial = try Trial(drop)
        let disks = [Disk(dyingAt: first), Disk(dyingAt: second)]
        for disk in disks { _ = try? await trial.service.once(disk) }
        guard disks[0].isDead else {
          return #expect(pairs > 20, "the recoveries have fewer changes than they should have")
        }
        if disks[1].isDead { pairs += 1 }
        try await trial.service.onceUntilSettled()
        trial.promise("deaths at \(first) and \(second), \(disks.map(\.last))").check()
        if !disks[1].isDead && Self.everyPair { break }
      }
    }
    Issue.record("no run ended by itself")
  }

  /// More changes of the disk than a recovery has, and prime to the 7 above.
  private static let longestRun = 75
  /// `HAPLO_EVERY_PAIR=1` tries all.
  private static let everyPair = ProcessInfo.processInfo.environment["HAPLO_EVERY_PAIR"] == "1"
}

/// One life of some sets, with a server of its own.
struct Trial {
  let place = Place()
  let simulator: Simulator
  var service: TestService
  let sets: [SampleSet]

  init(_ drop: CrashTests.Drop) throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
    sets = drop.sets
    if drop == .fixedControl {
      place.write(SampleSet.control(keys: sets[0].keys), to: place.root + "/fixed.json")
      service.sources = ["hr": "ControlFile=\(place.root)/fixed.json"]
    }
    if drop == .withQuietTime { service.quiet = "5s" }
    for set in sets { set.drop(in: place) }
  }

  func promise(_ context: String) -> Promise {
    Promise(
      place: place, record: simulator.record, scheduled: sets, context: "\(context)\n\(service.log.text)")
  }
}
