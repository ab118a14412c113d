import ImportCore
import Testing

@Suite struct CompletenessTests {
  @Test func `a folder is complete when it has been quiet, and the dearest question comes last`() {
    var drop = InventedDrop()
    drop.putControl()
    #expect(
      drop.verdict()
        == "until +5: staff/control.json: changed 0 s ago; taken when nothing has changed for 5 s"
    )
    drop.wait(3)
    drop.put("data.json")
    drop.wait(4)
    #expect(
      drop.verdict() == "until +1: staff/data.json: changed 4 s ago; taken when nothing has changed for 5 s")
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
    #expect(drop.verdict() == "until +5: staff: changed 0 s ago; taken when nothing has changed for 5 s")
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

  @Test func `a file that cannot be read is explained with its owner and mode`() {
    var drop = InventedDrop(rules: IntakeRules(quiet: .zero))
    drop.putControl()
    drop.put("data")
    drop.writers["data"] = .unreadable("cannot open 'data': Permission denied")
    #expect(
      drop.verdict()
        == "waiting: staff/data: error: cannot open 'data': Permission denied (owner 1001, mode 0600) "
        + "(let the daemon's user or group read it)")
  }

  @Test func `a folder that may not be moved is explained with its remedy`() {
    var drop = InventedDrop(rules: IntakeRules(quiet: .zero))
    drop.putControl()
    drop.put("data")
    drop.moving = .folderClosed
    let line = drop.verdict()
    #expect(
      line.hasPrefix("waiting: staff: error: the daemon may not move this folder out (owner 1001, mode 0755)")
    )
    #expect(line.contains("umask 002"))
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
    #expect(CompleteSet.inOrderOfArrival(sets).map(\.name) == ["c", "a", "b"])
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
    #expect(refusal.reason.text.hasPrefix("incomplete for too long: more: for the key 'more'"))
  }
}
