import FoundationEssentials
import Glibc
import ImportCore
import Synchronization
import Testing

@testable import ImportService
@testable import ImportSystem

/// Looks that begin as soon as the kernel tells of a name, while the intake's task is still asleep.
@Suite(.timeLimit(.minutes(3))) struct ScoutTests {
  private let watch = Inotify.Watch(number: 7)

  private func name(_ text: String) -> EntryName { EntryName(text) }

  /// Hints for which a scout stands by, for the fixture's drop directory.
  private func hints(_ fixture: DropFixture) throws -> Hints {
    let fileSystem = FileSystem()
    let own = EntryStatus(try fileSystem.openDirectory(fixture.drop).ownStatus())
    let newcomers = Newcomers(
      known: [], isAlone: true, directory: fixture.drop, rules: IntakeRules(quiet: .zero), usesLeases: true,
      time: SystemTime())
    let scan = DropScan(fileSystem: fileSystem, path: fixture.drop, inotify: nil, locks: nil)
    let look = NameLook(scan: scan, own: own, newcomers: newcomers, taker: fixture.taker)
    let hints = Hints()
    hints.standBy(Scout(look: look, watches: [watch], workers: try WorkerPool(name: "test", threads: 1)))
    return hints
  }

  /// How many directories the kernel watches for an intake.
  private func watches(of intake: Intake) async -> Int {
    guard let descriptor = await intake.inotify?.descriptor,
      let info = try? String(contentsOfFile: "/proc/self/fdinfo/\(descriptor)", encoding: .utf8)
    else { return -1 }
    return info.split(separator: "\n").count { $0.hasPrefix("inotify wd") }
  }

  @Test func `it looks at the one name of which it hears first, once`() async throws {
    let fixture = try DropFixture()
    fixture.moveIn()
    let hints = try hints(fixture)
    hints.add([.changed(watch, name("staff"))])
    hints.add([.changed(watch, name("other"))])
    let noticed = hints.take()
    #expect(noticed.events == [.changed(watch, name("staff")), .changed(watch, name("other"))])
    let begun = try #require(noticed.begun)
    #expect(begun.name == name("staff"))
    let seen = try #require(try await begun.result().names)
    #expect(seen.map(\.name) == [name("staff")])
    #expect(seen.first?.look?.1.isComplete == true)
    #expect(hints.take().begun == nil)
  }

  @Test
  func `it does nothing about several events, another watch, what has left, or what comes later`()
    throws
  {
    let fixture = try DropFixture()
    fixture.moveIn()
    let came = InotifyEvent.changed(watch, name("staff"))
    for events: [InotifyEvent] in [
      [], [came, came], [.left(watch, name("staff"))], [.changed(Inotify.Watch(number: 8), name("staff"))],
      [.overflow],
    ] {
      let hints = try hints(fixture)
      hints.add(events)
      #expect(hints.take().begun == nil, "\(events)")
    }
    for notice: (Hints) -> Void in [
      { $0.add([.left(watch, name("other"))]) }, { $0.wake() }, { $0.wantRescan() }, { _ = $0.take() },
    ] {
      let hints = try hints(fixture)
      notice(hints)
      hints.add([came])
      #expect(hints.take().begun == nil)
    }
  }

  /// Rows: what else is noticed before the intake wakes.
  @Test(arguments: ["the same again", "it left and came again", "a rescan"])
  func `a look that came too early is not used, and its watch not kept`(what: String) async throws {
    let looks = Atomic(0)
    let hook: FileSystem.Hook = { operation in
      guard operation.kind == .open, operation.object.hasSuffix("/staff/control.json") else { return }
      looks.add(1, ordering: .sequentiallyConsistent)
    }
    let fixture = try DropFixture(fileSystem: FileSystem(hook: hook))
    let intake = fixture.intake
    await intake.openInotify()
    await intake.scan()
    _ = await intake.completeSets()
    #expect(await comesTrue { !intake.hints.isEmpty }, "the scan tests whether events come")
    _ = intake.hints.take()
    await intake.sendScout()
    fixture.moveIn()
    let watch = try #require(await intake.watches.first?.key)
    #expect(await comesTrue { looks.load(ordering: .sequentiallyConsistent) == 1 })
    switch what {
    case "the same again": intake.hints.add([.changed(watch, name("staff"))])
    case "a rescan": intake.hints.wantRescan()
    default: intake.hints.add([.left(watch, name("staff")), .changed(watch, name("staff"))])
    }
    await intake.absorbHints()
    #expect(await watches(of: intake) == (what == "a rescan" ? 1 : 2))
    #expect(await intake.completeSets() == ["staff"])
    let count = looks.load(ordering: .sequentiallyConsistent)
    #expect(count == 2)
    #expect(await watches(of: intake) == 2)
    #expect(await intake.watches.count == 2)
  }

  @Test func `nothing is settled while it looks`() async throws {
    let isLooking = Atomic(false)
    let mayGoOn = Atomic(false)
    let fixture = try DropFixture.whereOpening("staff/control.json") { _ in
      isLooking.store(true, ordering: .sequentiallyConsistent)
      while !mayGoOn.load(ordering: .sequentiallyConsistent) { sched_yield() }
    }
    try await fixture.run {
      fixture.moveIn()
      #expect(
        await comesTrue { isLooking.load(ordering: .sequentiallyConsistent) && fixture.intake.hints.isEmpty })
      async let settled: () = fixture.intake.settled()
      for _ in 0..<100 { await Task.yield() }
      mayGoOn.store(true, ordering: .sequentiallyConsistent)
      await settled
      #expect(fixture.taker.calls.waiting.first?.sets?.map(\.name) == ["staff"])
    }
  }

  /// Rows: what happens while it looks. Nothing but events tells the intake of it.
  @Test(arguments: ["the missing file comes", "another set comes", "it is touched"])
  func `what happens meanwhile is looked at after it`(what: String) async throws {
    for _ in 0..<20 {
      let fixture = try DropFixture.whereOpening("staff/control.json") { root in
        let (from, to) =
          what == "another set comes"
          ? ("other", "other")
          : what == "it is touched" ? ("data.json", "staff/more.json") : ("data.json", "staff/data.json")
        #expect(rename("\(root)/staging/\(from)", "\(root)/drop/hr/\(to)") == 0)
      }
      mkdir(fixture.root + "/staging/other", 0o755)
      fixture.write("staging/other/control.json", DropFixture.control)
      fixture.write("staging/other/data.json", "{}")
      fixture.write("staging/data.json", "{}")
      try await fixture.run {
        fixture.moveIn(files: what == "the missing file comes" ? [] : ["data.json"])
        var names: Set<String> = []
        while !names.isSuperset(of: what == "another set comes" ? ["staff", "other"] : ["staff"]) {
          names.formUnion(try await fixture.next().sets?.map(\.name) ?? [])
        }
      }
    }
  }

  @Test func `a folder that leaves meanwhile is forgotten, and the next one found`() async throws {
    for _ in 0..<20 {
      let hasLeft = Atomic(false)
      // What has left can be offered still, and cannot be claimed then.
      let fixture = try DropFixture.whereOpening("staff/control.json", taking: { _ in false }) { root in
        #expect(rename("\(root)/drop/hr/staff", "\(root)/staging/gone") == 0)
        hasLeft.store(true, ordering: .relaxed)
      }
      try await fixture.run {
        fixture.moveIn()
        #expect(await comesTrue { hasLeft.load(ordering: .relaxed) })
        fixture.moveIn("next")
        var names: Set<String> = []
        while !names.contains("next") { names.formUnion(try await fixture.next().sets?.map(\.name) ?? []) }
        await fixture.intake.settled()
        let overview = await fixture.intake.overview
        #expect(overview.mode == .watched)
        #expect(
          await watches(of: fixture.intake) == 2, "of the drop directory and of the folder that stands in it")
        #expect(!overview.incoming.contains { $0.path == "staff" }, "\(overview)")
      }
    }
  }
}

extension Intake {
  /// Looks at everything that is due, and names the sets that are complete.
  fileprivate func completeSets() async -> [String] {
    await lookAtAll().compactMap { _, verdict in
      if case .complete(let set) = verdict { set.name } else { nil }
    }
  }
}
