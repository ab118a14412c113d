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

  /// A scout that stands by for the fixture's drop directory.
  private func scout(_ fixture: DropFixture) throws -> Scout {
    let fileSystem = FileSystem()
    let scout = Scout(try WorkerPool(name: "test", threads: 1))
    let own = EntryStatus(try fileSystem.openDirectory(fixture.drop).ownStatus())
    let newcomers = Newcomers(
      known: [], isAlone: true, directory: fixture.drop, rules: IntakeRules(quiet: .zero), usesLeases: true,
      time: SystemTime())
    let scan = DropScan(fileSystem: fileSystem, path: fixture.drop, inotify: nil, locks: nil)
    scout.standBy(
      NameLook(scan: scan, own: own, newcomers: newcomers, taker: fixture.taker), [watch])
    return scout
  }

  /// How many directories the kernel watches for an intake.
  private func watches(of intake: Intake) async -> Int {
    guard let descriptor = await intake.inotify?.descriptor,
      let info = try? String(contentsOfFile: "/proc/self/fdinfo/\(descriptor)", encoding: .utf8)
    else { return -1 }
    return info.split(separator: "\n").count { $0.hasPrefix("inotify wd") }
  }

  @Test func `it looks at the one name of which it hears, once`() async throws {
    let fixture = try DropFixture()
    fixture.moveIn()
    let scout = try scout(fixture)
    scout.hear([.changed(watch, name("staff"))])
    scout.hear([.changed(watch, name("other"))])
    let begun = try #require(scout.recall())
    #expect(begun.name == name("staff"))
    let seen = try #require(try await begun.result().names)
    #expect(seen.map(\.name) == [name("staff")])
    #expect(seen.first?.look?.1.isComplete == true)
    #expect(scout.recall() == nil)
  }

  @Test func `it does nothing about several events, another watch, what has left, or after it was recalled`()
    throws
  {
    let fixture = try DropFixture()
    fixture.moveIn()
    for events: [InotifyEvent] in [
      [], [.changed(watch, name("staff")), .changed(watch, name("staff"))], [.left(watch, name("staff"))],
      [.changed(Inotify.Watch(number: 8), name("staff"))], [.overflow],
    ] {
      let scout = try scout(fixture)
      scout.hear(events)
      #expect(scout.recall() == nil, "\(events)")
    }
    let scout = try scout(fixture)
    #expect(scout.recall() == nil)
    scout.hear([.changed(watch, name("staff"))])
    #expect(scout.recall() == nil)
  }

  /// Rows: what happens while it looks. Nothing but events tells the intake of it.
  @Test(arguments: ["the missing file comes", "another set comes", "it is touched"])
  func `what happens meanwhile is looked at after it`(what: String) async throws {
    for _ in 0..<20 {
      let isFirst = Atomic(true)
      let root = Mutex("")
      let hook: FileSystem.Hook = { operation in
        guard operation.kind == .open, operation.object.hasSuffix("/staff/control.json"),
          isFirst.exchange(false, ordering: .relaxed)
        else { return }
        let root = root.withLock { $0 }
        let (from, to) =
          what == "another set comes"
          ? ("other", "other")
          : what == "it is touched" ? ("data.json", "staff/more.json") : ("data.json", "staff/data.json")
        #expect(rename("\(root)/staging/\(from)", "\(root)/drop/hr/\(to)") == 0)
      }
      let fixture = try DropFixture(fileSystem: FileSystem(hook: hook))
      root.withLock { $0 = fixture.root }
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
      let isFirst = Atomic(true)
      let root = Mutex("")
      let hook: FileSystem.Hook = { operation in
        guard operation.kind == .open, operation.object.hasSuffix("/staff/control.json"),
          isFirst.exchange(false, ordering: .relaxed)
        else { return }
        let root = root.withLock { $0 }
        #expect(rename("\(root)/drop/hr/staff", "\(root)/staging/gone") == 0)
      }
      // What has left can be offered still, and cannot be claimed then.
      let fixture = try DropFixture(fileSystem: FileSystem(hook: hook), prepare: { _ in false })
      root.withLock { $0 = fixture.root }
      try await fixture.run {
        fixture.moveIn()
        while isFirst.load(ordering: .relaxed) { await Task.yield() }
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
