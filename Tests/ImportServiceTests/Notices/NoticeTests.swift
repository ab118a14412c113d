import Glibc
import HaploSimulator
import ImportCore
@testable import ImportRuntime
@testable import ImportService
@testable import ImportStorage
import ImportSystem
import Testing

/// What lies ready for haplo-importd-notify.
@Suite struct NoticeTests {
  let place = Place()
  let simulator: Simulator
  let service: TestService
  var folder: String { place.state + "/notify/new" }

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
  }

  private func dropBad(_ name: String = "bad") {
    place.makeFolder("\(place.drop())/\(name)")
    place.write("{", to: "\(place.drop())/\(name)/control.json")
  }

  private var notices: [String] { place.files(below: "state/notify/new") }

  @Test func `a rejected set has a notice by its name, with the reason in it`() async throws {
    place.makeFolder(folder)
    dropBad()
    try await service.once()
    let set = try #require(service.log.of(.setRejected).first?["set"])
    #expect(notices == [set])
    let text = place.text("\(folder)/\(set)")
    #expect(text.hasPrefix("Subject: haplo-importd: set \(set) of source hr was rejected\n\n"))
    #expect(
      text.contains("What was wrong\n") && text.contains(" \(place.spool)/rejected/hr/\(set)\n"), "\(text)")
    #expect(text.contains(place.text("\(place.spool)/rejected/hr/\(set)/REASON.txt")))
  }

  @Test func `a held set has one, and a delivered set has none`() async throws {
    place.makeFolder(folder)
    SampleSet(name: "good").drop(in: place)
    try await service.once()
    #expect(notices == [])
    SampleSet(name: "lost").drop(in: place)
    try simulator.add("schedule:forget:nth=1")
    try await service.onceUntilSettled()
    let set = try #require(service.log.of(.setHeld).first?["set"], "\(service.log.text)")
    #expect(notices == [set])
    #expect(place.text("\(folder)/\(set)").contains("source hr is held\n"))
  }

  @Test func `where nobody has enabled the units, nothing is written`() async throws {
    dropBad()
    try await service.once()
    #expect(service.log.of(.setRejected).count == 1)
    #expect(place.files(below: "state") == ["journal.jsonl", "lock"])
    #expect(service.log.of(.noticeLost).isEmpty)
  }

  @Test func `when nobody fetches them, they do not grow beyond all bounds, and the log says so once`()
    async throws
  {
    place.makeFolder(folder)
    for number in 1...(NoticeBoard.limit - 1) { place.write("x", to: "\(folder)/old-\(number)") }
    for name in ["a", "b", "c"] { dropBad(name) }
    try await service.once()
    #expect(notices.count == NoticeBoard.limit)
    #expect(service.log.of(.noticeLost).count == 1)
    #expect(service.log.of(.noticeLost).first?["reason"]?.contains("none is delivered") == true)
    #expect(place.entries(below: "rejected/hr").count { $0.hasSuffix("REASON.txt") } == 3)
  }

  @Test func `a notice that cannot be written keeps no set from its place`() async throws {
    place.makeFolder(folder)
    let disk = Disk()
    disk.add(
      Disk.Failure(errno: ENOSPC, matches: { $0.purpose == "notice" && $0.kind == .write }, times: 2))
    for name in ["a", "b", "c"] { dropBad(name) }
    try await service.once(disk)
    #expect(service.log.of(.setRejected).count == 3)
    #expect(service.log.of(.noticeLost).count == 1 && notices.count == 1)
    #expect(service.log.of(.noticeLost).first?["reason"]?.contains("No space left") == true)
  }

  /// A crash at each change of the disk from the journal's on: in the end there is a notice for every set in rejected/.
  @Test(arguments: [false, true])
  func `no crash loses a notice`(afterCall: Bool) async throws {
    for number in 1...500 {
      let place = Place()
      let service = TestService(place, simulator)
      place.makeFolder(place.state + "/notify/new")
      place.makeFolder("\(place.drop())/bad")
      place.write("{", to: "\(place.drop())/bad/control.json")
      let disk = Disk(dyingAt: number, afterCall: afterCall) { operation in
        operation.kind.changes && ["journal", "rejected", "notice"].contains(operation.purpose)
      }
      _ = try? await service.once(disk)
      guard disk.isDead else { return #expect(number > 12, "the run has fewer changes than it should have") }
      try await service.once()
      let filed = place.entries(below: "rejected/hr").filter { !$0.contains("/") }
      #expect(filed.count == 1)
      #expect(place.files(below: "state/notify/new") == filed, "death at \(number), \(disk.last!)")
    }
    Issue.record("no run ended by itself")
  }

  @Test func `a long reason is cut, and says where all of it is`() throws {
    let filed = FiledReason(
      set: try #require(SetID("20261124T070512Z-hr-7f3k2m9q")), source: try #require(SourceName("hr")),
      name: "x",
      state: .held, reason: Reason(String(repeating: "line\n", count: 20000)),
      time: Timestamp(microseconds: 0),
      manifest: nil, batchInDoubt: nil, orphanedBatches: [], attempts: 1)
    let notice = Notice(filed, path: "/held/x")
    #expect(notice.text.utf8.count < Notice.largest + 1000)
    #expect(
      notice.text.contains("all of this in REASON.txt: /held/x") && notice.text.contains("hr is held\n"))
  }
}
