import FoundationEssentials
import HaploSimulator
import ImportCore
@testable import ImportRuntime
@testable import ImportStorage
import ImportSystem
import Testing

@testable import ImportService

/// Reading the archive while others work in it.
@Suite struct ArchiveWalkTests {
  let place = Place()
  let simulator: Simulator
  let service: TestService

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
    for name in ["one", "two"] { SampleSet(name: name).drop(in: place) }
  }

  @Test func `a set that is pruned while it is read is no damage`() async throws {
    try await service.once()
    let last = try #require(service.log.of(.setArchived).compactMap { $0["path"] }.max())
    // Gone as soon as the reading has come to it.
    let fileSystem = FileSystem { operation throws(SystemError) in
      if operation.object.hasPrefix(last + "/"), operation.kind == .open {
        try? FileManager.default.removeItem(atPath: last)
      }
    }
    var damages: [Damage] = []
    let summary = try Verification(service.load().configuration, fileSystem: fileSystem).run {
      damages.append($0)
    }
    #expect(damages == [] && summary.sets == 1 && summary.damaged == 0)
  }

  @Test func `the newest day tells when a source last succeeded`() async throws {
    try await service.once()
    let walk = ArchiveWalk(spool: place.spool, fileSystem: FileSystem())
    var scheduled: [Timestamp] = []
    try walk.visit { place in
      scheduled += [try walk.receipt(place)?.scheduled].compactMap(\.self)
      return true
    }
    #expect(scheduled.count == 2)
    // Days without sets, as pruning leaves them, and what is no day.
    for folder in ["2030/01/01", "2030/02", "9999"] {
      place.makeFolder("\(place.spool)/archive/hr/\(folder)")
    }
    #expect(try walk.lastScheduled(of: #require(SourceName("hr"))) == scheduled.max())
    #expect(try walk.lastScheduled(of: #require(SourceName("finance"))) == nil)
  }
}
