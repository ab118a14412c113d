import Glibc
import ImportCore
import ImportRuntime
import ImportService
import ImportSystem
import Testing

/// Drop directories that somebody means to harm, or that are not what they were.
@Suite(.timeLimit(.minutes(2))) struct IntakeHostileTests {
  @Test func `a drop directory that is replaced by a symbolic link is refused until it is one again`()
    async throws
  {
    let fixture = try DropFixture()
    fixture.moveIn("stolen", files: [])
    try await fixture.run {
      fixture.move("drop/hr", to: "drop/other")
      symlink("other", fixture.drop)
      fixture.write("drop/other/stolen/data.json", "{}")
      let lost = await fixture.log.events.next { $0.kind == .directoryLost }
      #expect(lost?.text.contains("it is a symbolic link") == true, "\(lost?.text ?? "")")
      #expect(fixture.taker.calls.waiting.isEmpty)
      unlink(fixture.drop)
      mkdir(fixture.drop, 0o755)
      fixture.moveIn("own")
      let sets = try await fixture.next().sets
      #expect(sets?.map(\.name) == ["own"])
    }
  }

  @Test func `a folder that is nested too deep makes no set, and explain says so`() async throws {
    let fixture = try DropFixture()
    fixture.moveIn()
    let deep = (0..<600).map { _ in "d" }.joined(separator: "/")
    fixture.shell("mkdir -p '\(fixture.drop)/staff/\(deep)'")
    try await fixture.run {
      let explanation = await fixture.intake.explain("staff")
      #expect(
        explanation.findings.contains { $0.text == "it is nested deeper than 512 folders" }, "\(explanation)")
      #expect(fixture.taker.calls.waiting.isEmpty)
    }
  }

  @Test func `a deep folder is listed with all that is in it`() async throws {
    let fixture = try DropFixture()
    let deep = (0..<300).map { _ in "d" }.joined(separator: "/")
    fixture.moveIn()
    fixture.shell("mkdir -p '\(fixture.drop)/staff/\(deep)' && touch '\(fixture.drop)/staff/\(deep)/x'")
    try await fixture.run {
      let set = try #require(try await fixture.next().sets?.first)
      #expect(set.contents.count == 3)
    }
  }

  @Test func `folders with names of 255 bytes are listed beyond the longest path that one call takes`()
    async throws
  {
    let fixture = try DropFixture()
    fixture.moveIn()
    let name = String(repeating: "n", count: 255)
    var place = open(fixture.drop + "/staff", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    for _ in 0..<30 {
      mkdirat(place, name, 0o755)
      let inner = openat(place, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      close(place)
      place = inner
    }
    close(openat(place, "x", O_WRONLY | O_CREAT | O_CLOEXEC, 0o644))
    close(place)
    try await fixture.run {
      let set = try #require(try await fixture.next().sets?.first)
      #expect(set.contents.map(\.name).contains { $0.hasSuffix("/x") })
    }
    fixture.shell("cd '\(fixture.root)' && find . -depth -delete 2>/dev/null")
  }

  @Test(arguments: [("a\nb", #"a\x0Ab"#), ("a\u{7f}", #"a\x7F"#)])
  func `a name with control characters is explained as it is typed and as it is shown`(
    name: String, shown: String
  )
    async throws
  {
    let fixture = try DropFixture()
    mkdir(fixture.drop + "/" + name, 0o755)
    try await fixture.run {
      for path in [name, shown] {
        let explanation = await fixture.intake.explain(path)
        #expect(explanation.outcome == .cannotBeTaken)
        #expect(
          explanation.findings.map(\.line) == [
            "\(shown): error: its name has control characters (rename or remove it)"
          ])
      }
    }
  }

  @Test func `files whose names are two Unicode forms of one are claimed together`() async throws {
    let fixture = try DropFixture()
    fixture.moveIn(files: ["data.json", "\u{e9}.txt", "e\u{301}.txt"])
    try await fixture.run {
      let set = try #require(try await fixture.next().sets?.first)
      #expect(set.contents.count == 4)
    }
  }
}
