import Glibc
import ImportCore
import ImportRuntime
import ImportService
import ImportSystem
import Testing

/// The quiet time counts once, and no set is overtaken by one that comes after it.
@Suite(.timeLimit(.minutes(2))) struct IntakeOrderTests {
  private let time = ManualTime()

  @Test func `a folder that is filled in place is claimed when its quiet time is over, which counts once`()
    async throws
  {
    let fixture = try DropFixture(quiet: .seconds(3), time: time)
    try await fixture.run {
      mkdir(fixture.drop + "/staff", 0o755)
      await fixture.until { $0.contains("the folder has no control.json") }
      time.advance(by: .seconds(10))
      fixture.write("drop/hr/staff/data.json", "{}")
      fixture.write("drop/hr/staff/control.json", DropFixture.control)
      await fixture.until { $0.contains("changed 0 s ago") }
      await time.sleeper(within: .seconds(3))
      time.advance(by: .seconds(3))
      let sets = try await fixture.next().sets
      #expect(sets?.map(\.name) == ["staff"])
    }
  }

  @Test func `the same is true of a folder with folders in it`() async throws {
    let fixture = try DropFixture(quiet: .seconds(3), time: time)
    fixture.moveIn()
    mkdir(fixture.drop + "/staff/sub", 0o755)
    try await fixture.run {
      await time.sleeper(within: .seconds(3))
      time.advance(by: .seconds(2))
      fixture.write("drop/hr/staff/sub/more.json", "{}")
      await fixture.until { $0.contains("changed 0 s ago") }
      await time.sleeper(within: .seconds(3))
      time.advance(by: .seconds(3))
      let sets = try await fixture.next().sets
      #expect(sets?.map(\.name) == ["staff"])
    }
  }

  @Test
  func `a set that is complete at once waits for one that came before it and only waits for its quiet time`()
    async throws
  {
    let fixture = try DropFixture(quiet: .seconds(5), time: time)
    fixture.moveIn("z-monday")
    fixture.moveIn("a-tuesday")
    fixture.shell("cd '\(fixture.drop)/a-tuesday' && sha256sum data.json >SHA256SUMS")
    try await fixture.run {
      await fixture.until("a-tuesday") { $0.contains("waits for 'z-monday'") }
      #expect(fixture.taker.calls.waiting.isEmpty)
      await time.sleeper(within: .seconds(5))
      time.advance(by: .seconds(5))
      let sets = try await fixture.next().sets
      #expect(sets?.map(\.name) == ["z-monday", "a-tuesday"])
    }
  }

  @Test func `with Order=name a set waits for one with a lower name that only waits for its quiet time`()
    async throws
  {
    let fixture = try DropFixture(quiet: .seconds(5), order: .name, time: time)
    fixture.moveIn("z")
    try await fixture.run {
      await time.sleeper(within: .seconds(5))
      time.advance(by: .seconds(3))
      fixture.moveIn("a")
      await fixture.until("a") { $0.contains("changed 0 s ago") }
      await time.sleeper(within: .seconds(2))
      time.advance(by: .seconds(2))
      await fixture.until("z") { $0.contains("waits for 'a'") }
      #expect(fixture.taker.calls.waiting.isEmpty)
      await time.sleeper(within: .seconds(3))
      time.advance(by: .seconds(3))
      let sets = try await fixture.next().sets
      #expect(sets?.map(\.name) == ["z", "a"])
    }
  }

  @Test func `an incomplete set holds up no other`() async throws {
    let fixture = try DropFixture(quiet: .seconds(5), time: time)
    fixture.moveIn("half", files: [])
    fixture.moveIn("whole")
    try await fixture.run {
      await time.sleeper(within: .seconds(5))
      time.advance(by: .seconds(5))
      let sets = try await fixture.next().sets
      #expect(sets?.map(\.name) == ["whole"])
    }
  }

  @Test func `a folder without a control file is reported once, with the likely cause`() async throws {
    let fixture = try DropFixture(warn: .seconds(60), time: time)
    mkdir(fixture.drop + "/staff", 0o755)
    fixture.write("drop/hr/staff/control.json.txt", DropFixture.control)
    try await fixture.run {
      await time.sleeper(within: .seconds(60))
      time.advance(by: .seconds(60))
      let report = try #require(await fixture.log.events.next { $0.kind == .dropIncomplete })
      #expect(report["reason"]?.contains("there is 'control.json.txt'") == true)
      let incoming = await fixture.intake.overview.incoming
      #expect(incoming.map(\.isOverdue) == [true])
      fixture.intake.rescan()
      await fixture.intake.settled()
      #expect(!fixture.log.events.waiting.contains { $0.kind == .dropIncomplete })
    }
  }

  @Test func `a folder without a control file is rejected after IncompleteRejectSec`() async throws {
    let fixture = try DropFixture(reject: .seconds(600), time: time)
    mkdir(fixture.drop + "/staff", 0o755)
    fixture.write("drop/hr/staff/data.json", "{}")
    try await fixture.run {
      await time.sleeper(within: .seconds(600))
      time.advance(by: .seconds(600))
      let refusal = try #require(try await fixture.next().refusal)
      #expect(refusal.claim.items.map(\.name) == ["staff"])
    }
  }

  @Test(arguments: [Int64.min, -62_135_596_800, -1, 10_413_792_000, 253_402_300_799, Int64.max])
  func `files of any date are claimed`(seconds: Int64) async throws {
    let fixture = try DropFixture()
    fixture.moveIn()
    fixture.write("drop/hr/stray.txt", "")
    for name in ["stray.txt", "staff/data.json", "staff"] {
      let times = [timespec(tv_sec: Int(seconds), tv_nsec: 0), timespec(tv_sec: Int(seconds), tv_nsec: 0)]
      _ = utimensat(AT_FDCWD, fixture.drop + "/" + name, times, 0)
    }
    try await fixture.run {
      let sets = try await fixture.next().sets
      #expect(sets?.map(\.name) == ["staff"])
    }
  }

  @Test func `litter in a folder and in the drop directory is no reason to wait`() async throws {
    let fixture = try DropFixture()
    fixture.moveIn(files: ["data.json", ".DS_Store", "._data.json", "Thumbs.db"])
    fixture.shell(
      "mkdir '\(fixture.drop)/@eaDir' '\(fixture.drop)/lost+found' '\(fixture.drop)/staff/__MACOSX'")
    try await fixture.run {
      let set = try #require(try await fixture.next().sets?.first)
      #expect(set.contents.map(\.name) == ["control.json", "data.json"])
      let incoming = await fixture.intake.overview.incoming
      // The fixture leaves the set where it is.
      #expect(incoming.allSatisfy { $0.path == "staff" && $0.findings.isEmpty })
      let explanation = await fixture.intake.explain("lost+found")
      #expect(explanation.findings.first?.text.contains("ignored") == true)
    }
  }

  @Test func `a drop directory full of folders is counted, and the overview has a bounded part of them`()
    async throws
  {
    let fixture = try DropFixture(warn: .seconds(60), time: time)
    for number in 1...510 { mkdir("\(fixture.drop)/empty-\(number)", 0o755) }
    try await fixture.run {
      await fixture.intake.settled()
      let overview = await fixture.intake.overview
      #expect(overview.incoming.count == 500 && overview.incomingCount == 510)
    }
  }
}
