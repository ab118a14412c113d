import ImportCore
import Testing

@Suite struct CompletenessTests {
  @Test func `a folder is complete when it has been quiet, and the dearest question comes last`() {
    var drop = InventedDrop()
    drop.putControl()
    #expect(
      drop.verdict()
        == "until +5: staff/control.json: changed 0 s ago; picked up when unchanged for 5 s"
    )
    drop.wait(3)
    drop.put("data.json")
    drop.wait(4)
    #expect(
      drop.verdict() == "until +1: staff/data.json: changed 4 s ago; picked up when unchanged for 5 s")
    #expect(drop.asked == [.control])
    drop.wait(1)
    #expect(drop.verdict() == "complete data=data.json")
    #expect(drop.asked == [.control, .writers(["control.json", "data.json"])])
  }

  @Test func `a flat set holds its named files alone, the control file last`() throws {
    var drop = InventedDrop(.flat, rules: IntakeRules(quiet: .zero, markerFile: "done"))
    for name in ["other", "data.xml", "done"] { drop.put(name) }
    drop.putControl()
    drop.putSums(["data.xml"])
    guard case .complete(let set) = drop.judge() else { throw Unexpected() }
    #expect(set.claim.items.map(\.name) == ["data.xml", "done", "SHA256SUMS", "control.json"])
    #expect(set.claim.completed == Timestamp(microseconds: 7) && set.claim.name == "control.json")
  }

  @Test func `other files of a flat drop directory do not disturb the quiet`() {
    var drop = InventedDrop(.flat)
    drop.putControl()
    drop.put("data")
    drop.wait(5)
    drop.put("other")
    #expect(drop.verdict() == "complete data=data")
  }

  @Test func `anything that changes in a folder disturbs its quiet, and so does what is gone`() {
    var drop = InventedDrop()
    drop.putControl()
    drop.put("data")
    drop.put("other")
    drop.wait(5)
    drop.remove("other")
    #expect(drop.verdict() == "until +5: staff: changed 0 s ago; picked up when unchanged for 5 s")
  }

  @Test func `a folder without a control file is no set yet`() {
    var drop = InventedDrop()
    drop.put("data.json")
    #expect(drop.verdict() == "no set: staff: not a set (yet): the folder has no control.json")
  }

  @Test func `who writes is asked again, and who cannot be asked about does not count`() {
    var drop = InventedDrop(rules: IntakeRules(quiet: .zero))
    drop.putControl()
    drop.put("data")
    drop.writers = ["data": .somebody, "control.json": .cannotTell]
    #expect(drop.verdict() == "busy: staff/data: a program has it open for writing")
    drop.writers["data"] = .nobody
    #expect(drop.verdict() == "complete data=data")
  }

  @Test func `a file that cannot be read is explained with its remedy`() {
    var drop = InventedDrop(rules: IntakeRules(quiet: .zero))
    drop.putControl()
    drop.put("data")
    drop.writers["data"] = .unreadable(
      EntryObstacle("cannot read this file (owner jane:hr, mode 0600)", remedy: "run as root: setfacl"))
    #expect(
      drop.verdict()
        == "waiting: staff/data: error: cannot read this file (owner jane:hr, mode 0600) (run as root: setfacl)"
    )
  }

  @Test func `a folder that may not be moved is explained with its remedy`() {
    var drop = InventedDrop(rules: IntakeRules(quiet: .zero))
    drop.putControl()
    drop.put("data")
    drop.moving = .folderClosed(EntryObstacle("it may not be moved", remedy: "run as root: setfacl"))
    #expect(drop.verdict() == "waiting: staff: error: it may not be moved (run as root: setfacl)")
  }

  @Test func `a folder that cannot be listed is explained as that, and not as one without a control file`() {
    var drop = InventedDrop()
    drop.subject.obstacle = EntryObstacle("cannot read this folder (owner jane:hr, mode 0770)")
    #expect(
      drop.verdict() == "waiting: staff: error: cannot read this folder (owner jane:hr, mode 0770)")
  }

  @Test func `that a folder cannot be moved is said at once`() {
    var drop = InventedDrop()
    drop.putControl()
    drop.put("data")
    drop.subject.moveObstacle = EntryObstacle("it may not be moved")
    #expect(drop.verdict(thorough: true).contains("staff: error: it may not be moved"))
  }

  @Test(arguments: [
    ("control.json.txt", "there is 'control.json.txt', but the name must be exactly 'control.json'"),
    ("Control.json", "there is 'Control.json', but"),
    ("control (1).json", "there is 'control (1).json', but"),
    ("inner/control.json", "there is 'inner/control.json': the files are one folder too deep"),
  ])
  func `what a folder without a control file has in its place is named`(name: String, cause: String) {
    var drop = InventedDrop()
    drop.put(name)
    drop.put("data")
    #expect(drop.verdict().contains("the folder has no control.json; \(cause)"), "\(drop.verdict())")
  }

  @Test(arguments: [
    ".DS_Store", "._data.json", "__MACOSX", "Thumbs.db", "desktop.ini", "~$data.xlsx", "@eaDir", "#recycle",
    "lost+found", ".Trash-1000", ".nfs000001", ".fuse_hidden01", ".directory", "data:Zone.Identifier",
  ])
  func `litter is no reason to wait, and is in no set`(name: String) throws {
    for path in [name, "sub/\(name)", "\(name)/inside.tmp"] {
      var drop = InventedDrop(rules: IntakeRules(quiet: .zero, markerFile: "done"))
      drop.putControl(keys: ["data", "DEFAULT"])
      drop.put("data")
      drop.put("done")
      drop.put(path)
      guard case .complete(let set) = drop.judge() else { throw Unexpected() }
      #expect(set.contents.map(\.name) == ["control.json", "data", "done"])
      #expect(set.files.map(\.file) == ["data"])
    }
  }

  @Test(arguments: ["x.DS_Store", "Thumbs.db.json", "lost+found2", "a~$b", "directory", "Zone.Identifier"])
  func `a name that only resembles litter is part of the set`(name: String) throws {
    var drop = InventedDrop(rules: IntakeRules(quiet: .zero))
    drop.putControl()
    drop.put("data")
    drop.put(name)
    guard case .complete(let set) = drop.judge() else { throw Unexpected() }
    #expect(set.contents.map(\.name).containsExactly(name))
  }

  @Test func `two Unicode forms of a name are two files`() throws {
    let (composed, decomposed) = ("\u{e9}.txt", "e\u{301}.txt")
    var drop = InventedDrop(rules: IntakeRules(quiet: .zero, markerFile: "done"))
    drop.putControl(keys: ["DEFAULT"])
    for name in [composed, decomposed, "done"] { drop.put(name) }
    guard case .complete(let set) = drop.judge() else { throw Unexpected() }
    #expect(set.files.map { Array($0.file.utf8) } == [Array(decomposed.utf8), Array(composed.utf8)])
  }

  @Test func `a missing file that differs only in its Unicode form from one that is there is explained so`() {
    var drop = InventedDrop(rules: IntakeRules(quiet: .zero))
    drop.putControl(keys: ["\u{e9}"])
    drop.put("e\u{301}.json")
    #expect(drop.verdict().contains("has another Unicode form of that name"), "\(drop.verdict())")
  }

  @Test func `a flat set in a directory that may not be changed is explained with its remedy`() {
    var drop = InventedDrop(.flat, rules: IntakeRules(quiet: .zero))
    drop.putControl()
    drop.put("data")
    drop.moving = .directoryClosed
    #expect(
      drop.verdict()
        == "waiting: control.json: error: the daemon may not move files out of /drop "
        + "(make the directory writable for the daemon's user or group)")
  }

  @Test(arguments: [
    (
      MoveAnswer.readOnly, "out of /drop: its file system is mounted read-only (mount it read-write;"
    ),
    (
      .sticky(entry: "data", owner: 1001),
      "may not move 'data' of owner 1001 out: in /drop, which is sticky (mode +t), only owners may "
        + "(chmod -t /drop, or make the daemon's user the owner of that directory)"
    ),
  ])
  func `whatever keeps a set from being moved is named with its remedy`(answer: MoveAnswer, words: String) {
    for form in [SetForm.folder, .flat] {
      var drop = InventedDrop(form, rules: IntakeRules(quiet: .zero))
      drop.putControl()
      drop.put("data")
      drop.moving = answer
      let line = drop.verdict()
      #expect(line.hasPrefix("waiting: ") && line.contains(": error: ") && line.contains(words), "\(line)")
    }
  }

  @Test func `a bad control file is refused once it is quiet, with its folder or alone`() {
    for (form, items) in [(SetForm.folder, "staff"), (.flat, "control.json")] {
      var drop = InventedDrop(form)
      drop.put("control.json", "{")
      drop.put("data")
      #expect(drop.verdict().hasPrefix("until +5: "))
      drop.wait(5)
      #expect(drop.verdict().hasPrefix("refused \(items): Invalid control file: control.json:1:2: "))
      drop.writers["control.json"] = .somebody
      #expect(drop.verdict().hasPrefix("busy: "))
    }
  }

  @Test func `DEFAULT needs a marker or digests, and takes every other file by its own name`() {
    var drop = InventedDrop(rules: IntakeRules(quiet: .zero))
    drop.putControl(keys: ["DEFAULT", "data"])
    for name in ["data.json", "b.tsv", "a.tsv"] { drop.put(name) }
    #expect(drop.verdict().contains("only a marker or SHA256SUMS can tell"))
    drop.putSums(["data.json", "a.tsv"])
    #expect(drop.verdict() == "waiting: staff/b.tsv: SHA256SUMS does not list it (list it, or remove it)")
    drop.putSums(["data.json", "a.tsv", "b.tsv"])
    #expect(drop.verdict() == "complete data=data.json a.tsv=a.tsv b.tsv=b.tsv")
  }

  @Test func `DEFAULT with a marker is complete when the marker is there`() {
    var drop = InventedDrop(rules: IntakeRules(quiet: .zero, markerFile: "done"))
    drop.putControl(keys: ["DEFAULT"])
    drop.put("a.tsv")
    #expect(drop.verdict().hasPrefix("waiting: staff/done: the marker 'done' is missing"))
    drop.put("done")
    #expect(drop.verdict() == "complete a.tsv=a.tsv")
  }

  @Test func `DEFAULT in a flat set is refused`() {
    var drop = InventedDrop(.flat)
    drop.putControl(keys: ["DEFAULT"])
    #expect(drop.verdict().hasPrefix("until +5: "))
    drop.wait(5)
    #expect(drop.verdict().hasPrefix("refused control.json: the control file's files hold DEFAULT"))
  }

  @Test func `a marker does not end the quiet time`() {
    var drop = InventedDrop(rules: IntakeRules(quiet: .seconds(5), markerFile: "done"))
    drop.putControl()
    drop.put("data")
    drop.put("done")
    #expect(drop.verdict().hasPrefix("until +5: "))
  }

  @Test(arguments: [
    ("data.tmp", EntryStatus.Kind.regular, "staff/data.tmp: a temporary name inside"),
    ("sub/x~", .regular, "staff/sub/x~: a temporary name inside"),
    ("link", .special("symbolic link"), "staff/link: error: it is a symbolic link"),
  ])
  func `what is inside a folder and cannot be taken holds it back`(
    name: String, kind: EntryStatus.Kind, line: String
  ) {
    var drop = InventedDrop(rules: IntakeRules(quiet: .zero))
    drop.putControl()
    drop.put("data")
    drop.put(name, kind: kind)
    #expect(drop.verdict().hasPrefix("waiting: " + line))
  }

  @Test func `a named file with two links makes no set`() {
    var drop = InventedDrop(.flat, rules: IntakeRules(quiet: .zero))
    drop.putControl()
    drop.put("data", links: 2)
    #expect(drop.verdict().hasPrefix("waiting: data: error: it has 2 hard links"))
  }

  @Test func `a fixed control file stands for sets without one, and its faults are no set's`() throws {
    let rules = IntakeRules(quiet: .zero, controlFile: "/etc/hr-control.json")
    var drop = InventedDrop(.flat, rules: rules)
    drop.fixed = "{"
    drop.put("data")
    #expect(drop.verdict().hasPrefix("waiting: /etc/hr-control.json:1:2: error: "))
    var source = InventedDrop()
    source.putControl()
    drop.fixed = source.texts["control.json"]
    guard case .complete(let set) = drop.judge() else { throw Unexpected() }
    #expect(set.claim.control == nil && set.claim.name == "hr-control.json" && set.fixedControl != nil)
    drop.remove("data")
    #expect(drop.verdict().hasPrefix("no set: hr-control.json: none of the files"))
  }

  @Test func `sets of one scan come by their latest ctime, then by name`() throws {
    let sets = try [("c", Int64(5)), ("b", 9), ("a", 9)].map { name, changed in
      var drop = InventedDrop(rules: IntakeRules(quiet: .zero))
      drop.subject.name = name
      drop.putControl()
      drop.put("data", changed: changed)
      guard case .complete(let set) = drop.judge() else { throw Unexpected() }
      return set
    }
    #expect(ArrivalOrder.split(sets, waiting: [], .arrival).ready.map(\.name) == ["c", "a", "b"])
    let waiting = [Arrival(change: 9, name: "aa")]
    let (ready, held) = ArrivalOrder.split(sets, waiting: waiting, .arrival)
    #expect(ready.map(\.name) == ["c", "a"] && held.map(\.name) == ["b"])
    let byName = ArrivalOrder.split(sets, waiting: waiting, .name)
    #expect(byName.ready.map(\.name) == ["a"] && byName.held.map(\.name) == ["c", "b"])
  }

  @Test func `a set waits in the order of arrival only while nothing but its quiet time is missing`() throws {
    var drop = InventedDrop()
    drop.putControl()
    drop.put("data", changed: 7)
    guard case .waiting(let waiting) = drop.judge() else { throw Unexpected() }
    #expect(waiting.arrival == Arrival(change: 7, name: "staff"))
    drop.put("more.tmp", changed: 8)
    drop.wait(5)
    guard case .waiting(let incomplete) = drop.judge() else { throw Unexpected() }
    #expect(incomplete.arrival == nil)
  }

  @Test func `what the daemon changed itself counts neither as a change nor for the arrival`() throws {
    var drop = InventedDrop()
    drop.putControl()
    drop.put("data", changed: 7)
    drop.wait(3)
    let before = try #require(drop.subject.index["data"]?.status)
    var after = before
    after.identity.changed = 99
    after.mode = 0o660
    drop.subject.index.observeGrant("data", before, after, at: drop.now)
    drop.wait(2)
    guard case .complete(let set) = drop.judge() else { throw Unexpected() }
    #expect(set.arrival.change == 7)
    #expect(set.contents.map(\.identity.changed).contains(99))
    var changed = after
    changed.identity.size += 1
    drop.subject.index.observeGrant("data", changed, changed, at: drop.now)
    #expect(drop.verdict().hasPrefix("until +5: "))
  }

  @Test func `what is incomplete for too long is refused with all that there is of it`() throws {
    var drop = InventedDrop(.flat, rules: IntakeRules(quiet: .zero))
    drop.putControl(keys: ["data", "more"])
    drop.put("data")
    guard case .waiting(let waiting) = drop.judge() else { throw Unexpected() }
    let refusal = Completeness.refusal(
      ofIncomplete: drop.subject, rules: drop.rules, findings: waiting.findings, now: drop.now,
      calendar: Timestamp(microseconds: 0))
    #expect(refusal.claim.items.map(\.name) == ["data", "control.json"])
    #expect(refusal.reason.text.hasPrefix("incomplete for too long: control.json: data file missing: "))
    #expect(refusal.reason.text.contains("control.json names 'more'"))
  }
}
