import FoundationEssentials
import Glibc
import ImportCore
import ImportRuntime
@testable import ImportService
import ImportSystem
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct IntakeTakingTests {
  @Test func `a folder that is moved in is taken at once, with all that was judged`() async throws {
    let fixture = try DropFixture()
    try await fixture.run {
      fixture.moveIn()
      let set = try #require(try await fixture.next().sets?.first)
      #expect(set.claim.form == .folder && set.name == "staff" && set.claim.directory == fixture.drop)
      #expect(set.claim.items.map(\.name) == ["staff"] && set.claim.control == "control.json")
      #expect(set.contents.map(\.name) == ["control.json", "data.json"])
      #expect(set.files == [MappedFile(key: "data", file: "data.json")])
    }
  }

  @Test(arguments: [["control.json", "data.json"], ["data.json", "control.json"]])
  func `a flat set is taken whatever comes first, and its control file is renamed last`(order: [String])
    async throws
  {
    let fixture = try DropFixture()
    fixture.write("drop/hr/other.txt", "not named")
    try await fixture.run {
      for name in order {
        fixture.write("drop/hr/\(name)", name == "control.json" ? DropFixture.control : "{}")
      }
      let set = try #require(try await fixture.next().sets?.first)
      #expect(set.claim.form == .flat && set.name == "control.json")
      #expect(set.claim.items.map(\.name) == ["data.json", "control.json"])
      #expect(access(fixture.drop + "/other.txt", F_OK) == 0)
    }
  }

  @Test func `a folder that is filled in place is taken when its last file is there`() async throws {
    let fixture = try DropFixture()
    try await fixture.run {
      mkdir(fixture.drop + "/staff", 0o755)
      fixture.write("drop/hr/staff/control.json", DropFixture.control)
      fixture.write("drop/hr/staff/data.json.part", "{}")
      fixture.move("drop/hr/staff/data.json.part", to: "drop/hr/staff/data.json")
      let set = try #require(try await fixture.next().sets?.first)
      #expect(set.contents.map(\.name) == ["control.json", "data.json"])
    }
  }

  @Test func `a file that another process has open for writing holds the set back until it is closed`()
    async throws
  {
    let fixture = try DropFixture()
    fixture.write("drop/hr/control.json", DropFixture.control)
    mkfifo(fixture.root + "/ready", 0o600)
    // The child opens the file, says so, and keeps it open until its input ends.
    let command = "exec 3>>'\(fixture.drop)/data.json'; echo >'\(fixture.root)/ready'; read x"
    let writer = popen(command, "w")
    let ready = open(fixture.root + "/ready", O_RDONLY)
    var byte: UInt8 = 0
    _ = read(ready, &byte, 1)
    close(ready)
    try await fixture.run {
      let held = await fixture.intake.explain("data.json")
      #expect(held.outcome == .waiting)
      #expect(held.findings.map(\.line) == ["data.json: a program has it open for writing"])
      #expect(fixture.taker.calls.waiting.isEmpty)
      pclose(writer)
      let set = try #require(try await fixture.next().sets?.first)
      #expect(set.claim.items.map(\.name) == ["data.json", "control.json"])
    }
  }

  @Test func `the same name dropped again while the first is being taken is taken as well`() async throws {
    // While the taker is still at work, the first folder has gone and another of its name comes.
    let fixture = try DropFixture(finish: { root in
      _ = rename(root + "/staging/second", root + "/drop/hr/staff")
    })
    mkdir(fixture.root + "/staging/second", 0o755)
    fixture.write("staging/second/control.json", DropFixture.control)
    fixture.write("staging/second/data.json", "[2]")
    try await fixture.run {
      fixture.moveIn()
      let first = try #require(try await fixture.next().sets?.first)
      let second = try #require(try await fixture.next().sets?.first)
      #expect(first.claim.items[0].identity.inode != second.claim.items[0].identity.inode)
      #expect(first.name == second.name)
    }
  }

  /// A program that has a file open for writing and then closes it without a change leaves nothing that could be seen.
  @Test func `a set whose claim was withdrawn is offered again, and says why it waits`() async throws {
    let fixture = try DropFixture(time: FastTime(), withdraws: true, prepare: { _ in false })
    try await fixture.run {
      fixture.moveIn()
      for _ in 0..<2 {
        let sets = try await fixture.next().sets
        #expect(sets?.map(\.name) == ["staff"])
      }
      let reason = await fixture.intake.explain("staff").findings.first?.text
      #expect(reason?.contains("used or changed a file") == true, "\(reason ?? "none")")
    }
  }

  @Test func `the pauses after a withdrawn claim grow, and begin anew for other files`() throws {
    let rules = IntakeRules(quiet: .zero)
    let source = DropSource(
      name: SourceName("hr")!, directory: "/drop", rules: rules, rescan: nil, incompleteWarn: nil,
      incompleteReject: nil)
    let set = PendingSet(SetSnapshot(flatIn: "/drop", index: DropIndex(rules: rules), rules: rules))
    func items(_ inode: UInt64) -> [Claim.Item] {
      [
        Claim.Item(
          name: "a",
          identity: ImportCore.FileIdentity(device: 1, inode: inode, size: 1, modified: 1, changed: 1))
      ]
    }
    var now = MonotonicInstant(nanoseconds: 0)
    var pauses: [Duration] = []
    for inode in [1, 1, 1, 1, 1, 1, 1, 2] as [UInt64] {
      #expect(set.isNew(items(inode)) && !set.isNew(items(inode)))
      set.offerAgain(after: now)
      let next = try #require(set.nextInspection(source))
      pauses.append(next.since(now))
      set.beginInspection(at: now)
      #expect(set.nextInspection(source) == next)
      now = next
      set.beginInspection(at: now)
      #expect(set.nextInspection(source) == nil)
    }
    #expect(pauses == [10, 20, 40, 80, 160, 300, 300, 10].map { Duration.seconds($0) })
  }

  @Test func `a file that is replaced after the taker left the set is offered as it is now`() async throws {
    let fixture = try DropFixture(prepare: { root in access(root + "/open", F_OK) == 0 })
    fixture.write("drop/hr/control.json", DropFixture.control)
    fixture.write("drop/hr/data.json", "{}")
    try await fixture.run {
      let first = try #require(try await fixture.next().sets?.first)
      fixture.write("open", "")
      fixture.write("staging/new", "[1, 2]")
      fixture.move("staging/new", to: "drop/hr/data.json")
      let second = try #require(try await fixture.next().sets?.first)
      #expect(first.claim.items[0].identity.size == 2 && second.claim.items[0].identity.size == 6)
    }
  }

  @Test func `what the taker leaves is offered again at a rescan, not at once`() async throws {
    let fixture = try DropFixture(prepare: { root in access(root + "/open", F_OK) == 0 })
    try await fixture.run {
      fixture.moveIn()
      _ = try await fixture.next()
      await fixture.intake.settled()
      #expect(fixture.taker.calls.waiting.isEmpty)
      fixture.write("open", "")
      fixture.intake.rescan()
      #expect(try await fixture.next().sets?.map(\.name) == ["staff"])
    }
  }

  @Test func `sets that were there at the start come in the order of their last change`() async throws {
    let fixture = try DropFixture()
    for name in ["b", "a", "c"] { fixture.moveIn(name) }
    // A change of mode is a change of ctime: `b` becomes the youngest.
    while try changeTime(fixture, "b") <= changeTime(fixture, "c") {
      chmod(fixture.drop + "/b/data.json", 0o600)
      chmod(fixture.drop + "/b/data.json", 0o644)
    }
    try await fixture.run {
      // With a quiet time they become complete one after the other.
      var names: [String] = []
      while names.count < 3 { names += try #require(try await fixture.next().sets).map(\.name) }
      #expect(names.last == "b" && names.count == 3)
    }
  }

  private func changeTime(_ fixture: DropFixture, _ folder: String) throws -> Int64 {
    var latest: Int64 = 0
    for name in ["control.json", "data.json", "."] {
      var status = stat()
      try #require(stat("\(fixture.drop)/\(folder)/\(name)", &status) == 0)
      latest = max(latest, Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec))
    }
    return latest
  }

  @Test func `a fixed control file is read for the set and handed over with it`() async throws {
    let fixture = try DropFixture(controlFile: "fixed.json")
    fixture.write("fixed.json", DropFixture.control(keys: ["data"]))
    try await fixture.run {
      fixture.write("drop/hr/data.json", "{}")
      let flat = try #require(try await fixture.next().sets?.first)
      #expect(flat.claim.control == nil && flat.name == "fixed.json")
      #expect(flat.fixedControl == Array(DropFixture.control.utf8))
      #expect(flat.claim.items.map(\.name) == ["data.json"])
      fixture.moveIn("staff", control: "")
      let folder = try #require(try await fixture.next().sets?.first)
      #expect(folder.name == "staff" && folder.contents.map(\.name) == ["data.json"])
    }
  }

  @Test func `what is refused and left is reported once, however often it is looked at`() async throws {
    let fixture = try DropFixture(prepare: { _ in false })
    try await fixture.run {
      fixture.moveIn("staff", control: "{")
      for _ in 0..<3 {
        let drop = try await fixture.next().refusal
        #expect(drop?.name == "staff")
        fixture.intake.rescan()
      }
      #expect(fixture.log.events.waiting.count { $0.kind == .dropRefused } == 1)
    }
  }

  @Test func `a control file over 16 MiB is refused unread`() async throws {
    let fixture = try DropFixture()
    try await fixture.run {
      mkdir(fixture.root + "/staging/staff", 0o755)
      fixture.shell("truncate -s 17M '\(fixture.root)/staging/staff/control.json'")
      fixture.move("staging/staff", to: "drop/hr/staff")
      let refusal = try #require(try await fixture.next().refusal)
      #expect(refusal.reason.text.contains(ControlFile.tooLarge))
    }
  }

  @Test func `a bad control file is refused with its folder, or, flat, alone`() async throws {
    let fixture = try DropFixture()
    try await fixture.run {
      fixture.moveIn("staff", control: "{")
      let folder = try #require(try await fixture.next().refusal)
      #expect(folder.claim.items.map(\.name) == ["staff"])
      #expect(folder.reason.text.hasPrefix("Invalid control file: control.json:1:2: "))
      fixture.write("drop/hr/data.json", "{}")
      fixture.write("staging/control.json", "[]")
      fixture.move("staging/control.json", to: "drop/hr/control.json")
      let flat = try #require(try await fixture.next().refusal)
      #expect(flat.claim.items.map(\.name) == ["control.json"])
      #expect(access(fixture.drop + "/data.json", F_OK) == 0)
    }
  }

  /// Rows: the file, and what it is replaced by between its listing and its opening.
  @Test(arguments: ["control.json", "data.json"], ["file", "pipe", "nothing"])
  func `what is opened is what was listed, or is looked at again`(file: String, by what: String) async throws
  {
    let isReplaced = Atomic(false)
    let fixture = try DropFixture.whereOpening("staff/\(file)") { root in
      switch what {
      case "file": break
      case "pipe": #expect(mkfifo(root + "/staging/new", 0o644) == 0)
      default: #expect(unlink("\(root)/drop/hr/staff/\(file)") == 0)
      }
      if what != "nothing" { #expect(rename(root + "/staging/new", "\(root)/drop/hr/staff/\(file)") == 0) }
      isReplaced.store(true, ordering: .sequentiallyConsistent)
    }
    let text = file == "control.json" ? DropFixture.control + "\n" : "{\"new\": 1}"
    if what == "file" { fixture.write("staging/new", text) }
    try await fixture.run {
      fixture.moveIn()
      if what != "file" {
        #expect(await comesTrue { isReplaced.load(ordering: .sequentiallyConsistent) })
        await fixture.intake.settled()
        #expect(fixture.taker.calls.waiting.isEmpty, "\(fixture.taker.calls.waiting)")
        fixture.write("staging/new", text)
        fixture.move("staging/new", to: "drop/hr/staff/\(file)")
      }
      let set = try #require(try await fixture.next().sets?.first)
      #expect(set.contents.first { $0.name == file }?.identity.size == Int64(text.utf8.count))
      let taken = try String(contentsOfFile: "\(fixture.root)/work/1-staff/\(file)", encoding: .utf8)
      #expect(taken == text)
    }
  }

  @Test func `a control file that was too large when it was listed is read as it is when it is opened`()
    async throws
  {
    let fixture = try DropFixture.whereOpening("staff/control.json") { root in
      #expect(rename(root + "/staging/new", root + "/drop/hr/staff/control.json") == 0)
    }
    fixture.write("staging/new", DropFixture.control)
    try await fixture.run {
      fixture.moveIn(control: String(repeating: " ", count: 17 << 20))
      let call = try await fixture.next()
      #expect(call.sets?.first?.name == "staff", "\(call)")
    }
  }

  /// The answer that nobody writes to it is older than the state in which it is found then.
  @Test func `a file to which somebody begins to write while it is asked for writers is asked about again`()
    async throws
  {
    let isListed = Atomic(false)
    let isFirst = Atomic(true)
    let writer = Atomic<Int32>(-1)
    let hook: FileSystem.Hook = { operation in
      guard operation.object.hasSuffix("/staff/data.json") else { return }
      if operation.kind == .open { isListed.store(true, ordering: .sequentiallyConsistent) }
      guard operation.kind == .statistics, isListed.load(ordering: .sequentiallyConsistent),
        isFirst.exchange(false, ordering: .relaxed)
      else { return }
      let file = open(operation.object, O_WRONLY | O_APPEND | O_CLOEXEC)
      #expect(Glibc.write(file, " ", 1) == 1)
      writer.store(file, ordering: .sequentiallyConsistent)
    }
    let fixture = try DropFixture(quiet: .zero, fileSystem: FileSystem(hook: hook))
    try await fixture.run {
      fixture.moveIn()
      #expect(await comesTrue { await fixture.intake.overview.incoming.first?.waiting != nil })
      #expect(fixture.taker.calls.waiting.isEmpty)
      close(writer.load(ordering: .sequentiallyConsistent))
      let call = try await fixture.next()
      #expect(call.sets?.first?.name == "staff", "\(call)")
    }
  }
}
