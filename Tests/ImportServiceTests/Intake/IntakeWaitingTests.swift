import Glibc
import ImportCore
import ImportRuntime
import ImportService
import ImportSystem
import Testing

@Suite(.timeLimit(.minutes(2))) struct IntakeWaitingTests {
  @Test func `a set is taken when nothing has changed for QuietSec, and not before`() async throws {
    let time = ManualTime()
    let fixture = try DropFixture(quiet: .seconds(5), time: time)
    try await fixture.run {
      fixture.moveIn()
      await time.sleeper(within: .seconds(5))
      time.advance(by: .seconds(4))
      #expect(
        await fixture.intake.explain("staff").findings.map(\.text).first?.contains("changed 4 s ago") == true)
      fixture.write("drop/hr/staff/data.json", "[1]")
      // The write is noticed, and the five seconds begin anew.
      await fixture.until { $0.contains("changed 0 s ago") }
      await time.sleeper(within: .seconds(5))
      time.advance(by: .seconds(4))
      #expect(fixture.taker.calls.waiting.isEmpty)
      time.advance(by: .seconds(1))
      let set = try #require(try await fixture.next().sets?.first)
      #expect(set.claim.completed == Timestamp("2026-11-24T07:05:21Z"))
    }
  }

  @Test func `a file that grows without being closed is noticed when its quiet time is over`() async throws {
    let time = ManualTime()
    let fixture = try DropFixture(quiet: .seconds(5), time: time)
    fixture.write("drop/hr/control.json", DropFixture.control)
    let file = open(fixture.drop + "/data.json", O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    try await fixture.run {
      await time.sleeper(within: .seconds(5))
      #expect(write(file, "[1]", 3) == 3)
      time.advance(by: .seconds(5))
      await fixture.until("data.json") { $0.contains("changed 0 s ago") }
      #expect(fixture.taker.calls.waiting.isEmpty)
      close(file)
      await time.sleeper(within: .seconds(5))
      time.advance(by: .seconds(5))
      let taken1 = try await fixture.next()
      #expect(taken1.sets?.count == 1)
    }
  }

  @Test(arguments: [
    ("ln -s /etc/hostname data.json", "data.json: error: it is a symbolic link, not a regular file"),
    ("mkfifo data.json", "data.json: error: it is a named pipe, not a regular file"),
    ("echo {} >../x; ln ../x data.json", "data.json: error: it has 2 hard links"),
    (
      "true",
      "control.json: data file missing: control.json names 'data', and there is no file 'data' or 'data.*'"
    ),
    (
      "touch data.json data.xml",
      "data.json: error: control.json names 'data', and 2 files could be meant: 'data.json', 'data.xml'"
    ),
    (
      "mkdir data",
      "control.json: data file missing: control.json names 'data', and there is no file 'data' or 'data.*'; 'data' is a"
    ),
    ("touch data.json.part", "control.json: data file missing: control.json names 'data'"),
  ])
  func `what is not a file of its own makes no set, and is explained`(command: String, line: String)
    async throws
  {
    let fixture = try DropFixture(quiet: .zero)
    fixture.write("drop/hr/control.json", DropFixture.control)
    fixture.shell("cd '\(fixture.drop)' && \(command)")
    try await fixture.run {
      let explanation = await fixture.intake.explain("control.json")
      #expect(explanation.findings.first?.line.hasPrefix(line) == true, "\(explanation)")
      #expect(fixture.taker.calls.waiting.isEmpty)
    }
  }

  @Test(arguments: [
    ("touch \"$(printf 'a\\377b')\"", #"staff/a\xFFb: error: its name is not UTF-8"#),
    ("touch \"$(printf 'a\\nb')\"", #"staff/a\x0Ab: error: its name has control characters"#),
    ("touch sub.tmp", "staff/sub.tmp: a temporary name inside"),
    ("mkdir sub; touch sub/.x.swp", "staff/sub/.x.swp: a temporary name inside"),
    ("mkfifo pipe", "staff/pipe: error: it is a named pipe"),
  ])
  func `a folder is held back by anything inside that cannot be taken`(command: String, line: String)
    async throws
  {
    let fixture = try DropFixture(quiet: .zero)
    fixture.moveIn()
    fixture.shell("cd '\(fixture.drop)/staff' && \(command)")
    try await fixture.run {
      let explanation = await fixture.intake.explain("staff")
      #expect(explanation.findings.first?.line.hasPrefix(line) == true, "\(explanation)")
      #expect(fixture.taker.calls.waiting.isEmpty)
    }
  }

  @Test func `a temporary name is waited for until it is renamed`() async throws {
    let fixture = try DropFixture()
    fixture.moveIn(files: ["data.json", "more.tmp"])
    try await fixture.run {
      #expect(fixture.taker.calls.waiting.isEmpty)
      fixture.move("drop/hr/staff/more.tmp", to: "drop/hr/staff/more")
      let taken2 = try await fixture.next()
      #expect(taken2.sets?.first?.contents.map(\.name) == ["control.json", "data.json", "more"])
    }
  }

  @Test func `a name that is not UTF-8 in the drop directory is listed and left`() async throws {
    let fixture = try DropFixture()
    fixture.shell("mkdir \"$(printf '\(fixture.drop)/a\\377b')\"")
    try await fixture.run {
      let incoming = await fixture.intake.overview.incoming
      #expect(incoming.map(\.path) == [#"a\xFFb"#])
      #expect(await fixture.intake.explain(#"a\xFFb"#).outcome == .cannotBeTaken)
    }
  }

  @Test func `a marker is waited for`() async throws {
    let fixture = try DropFixture(marker: "export.done")
    fixture.write("drop/hr/control.json", DropFixture.control)
    fixture.write("drop/hr/data.json", "{}")
    try await fixture.run {
      #expect(await fixture.intake.explain("data.json").findings.first?.path == "export.done")
      fixture.write("drop/hr/export.done", "")
      let set = try #require(try await fixture.next().sets?.first)
      #expect(set.claim.items.map(\.name) == ["data.json", "export.done", "control.json"])
    }
  }

  @Test func `digests that cover and match end the waiting, whatever QuietSec says`() async throws {
    let fixture = try DropFixture(quiet: .seconds(3600), time: ManualTime())
    fixture.moveIn()
    fixture.shell("cd '\(fixture.drop)/staff' && sha256sum data.json >SHA256SUMS")
    try await fixture.run {
      let set = try #require(try await fixture.next().sets?.first)
      #expect(set.digests.keys.map(\.text) == ["data.json"])
    }
  }

  @Test func `digests that do not match are waited for, and refuse the set when it is quiet`() async throws {
    let time = ManualTime()
    let fixture = try DropFixture(quiet: .seconds(5), time: time)
    fixture.moveIn()
    fixture.shell("cd '\(fixture.drop)/staff' && echo x | sha256sum | sed 's/-/data.json/' >SHA256SUMS")
    try await fixture.run {
      await time.sleeper(within: .seconds(5))
      #expect(fixture.taker.calls.waiting.isEmpty)
      time.advance(by: .seconds(5))
      let refusal = try #require(try await fixture.next().refusal)
      #expect(refusal.reason.text.contains("staff/data.json"), "\(refusal.reason)")
    }
  }

  @Test func `an incomplete set is reported once, and refused when its time is over`() async throws {
    let time = ManualTime()
    let fixture = try DropFixture(warn: .seconds(60), reject: .seconds(600), time: time)
    fixture.moveIn(files: [])
    try await fixture.run {
      await time.sleeper(within: .seconds(60))
      time.advance(by: .seconds(60))
      let report = try #require(await fixture.log.events.next { $0.kind == .dropIncomplete })
      #expect(report["reason"]?.contains("data file missing: control.json names 'data'") == true)
      await time.sleeper(within: .seconds(540))
      time.advance(by: .seconds(540))
      let refusal = try #require(try await fixture.next().refusal)
      #expect(refusal.reason.text.hasPrefix("incomplete for too long: staff: data file missing: "))
      #expect(!fixture.log.events.waiting.contains { $0.kind == .dropIncomplete })
    }
  }
}

extension DropFixture {
  /// Returns when the first reason that is given for `path` is as wanted; looks again whenever anything is noticed.
  func until(_ path: String = "staff", _ isWanted: @Sendable (String) -> Bool) async {
    while await !(intake.explain(path).findings.first.map { isWanted($0.text) } ?? false) {
      await Task.yield()
    }
  }
}
