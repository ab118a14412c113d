import FoundationEssentials
import HaploSimulator
import Testing

/// Every line that a command prints with `--json` is an object, with exactly these members.
@Suite struct JSONMembersTests {
  private static let set: Set = [
    "archived", "attempts", "batch", "claimed", "completed", "control", "files", "filesRemoved", "form",
    "http", "key",
    "mode",
    "name", "next", "orphanedBatches", "outcome", "path", "reason", "remedy", "sameAs", "scheduled", "server",
    "set",
    "source", "state", "step",
  ]
  private static let decision: Set = ["outcome", "subject", "text"]
  private let bench: ProgramBench

  init() throws { bench = try ProgramBench() }

  /// The objects that a command prints, of which there is at least one.
  private func objects(_ command: String..., status: Int32 = 0) throws -> [JSON] {
    let run = BuiltProgram.run(["--config", bench.configuration] + command + ["--json"])
    #expect(run.status == status, "\(command): \(run.errors)")
    #expect(run.output.hasSuffix("\n"))
    let objects = try bench.json(run)
    try #require(!objects.isEmpty, "\(command)")
    return objects
  }

  @Test func `list and show`() throws {
    try bench.dropFolder("first")
    try bench.dropFolder("second", control: "[]")
    #expect(bench.run("once").status == 65)
    let sets = try objects("list")
    #expect(sets.count == 2)
    for set in sets {
      #expect(set.names == Self.set)
      #expect(try objects("show", #require(set["set"]?.text)) == [set])
    }
    let archived = try #require(sets.first { $0["state"] == .string("archived") })
    #expect(archived["files"]?[0]?.names == ["key", "file", "size", "sha256", "records"])
    #expect(archived["control"]?.names == ["key", "file", "size", "sha256", "records"])
  }

  @Test(arguments: [false, true])
  func `status is one object, whether the daemon runs or not`(isRunning: Bool) throws {
    try bench.dropFolder("half", data: [:])
    let daemon = isRunning ? try bench.startDaemon() : nil
    let objects = try objects("status")
    #expect(objects.count == 1)
    #expect(
      objects[0].names == ["advice", "attention", "daemon", "outcomes", "server", "sources", "uploads"])
    #expect(objects[0]["outcomes"]?.names == ["open", "reason", "remedy", "since", "state"])
    #expect(objects[0]["daemon"]?["state"] == .string(isRunning ? "running" : "stopped"))
    #expect(
      objects[0]["daemon"]?.names == [
        "bytesSent", "isDiskFull", "isJournalOutdated", "obstacle", "process", "since", "state", "version",
      ])
    #expect(objects[0]["server"]?.names == ["next", "reason", "remedy", "since", "state", "url"])
    #expect(
      objects[0]["sources"]?[0]?.names == [
        "approvalOverdue", "arrived", "awaitingResult", "deferredLong", "directory", "folderGone",
        "folderGoneCount",
        "folderGoneForApproval",
        "incoming", "incomingCount", "isPaused",
        "mode", "next", "oldest",
        "oldestCompleted", "oldestReason",
        "overdue", "sets", "source", "stateOnly", "stopped", "troubles", "watch", "watchReason",
      ])
    daemon?.signal(15)
    if let daemon { #expect(daemon.end() == 0) }
  }

  @Test func `explain and check`() throws {
    try bench.dropFolder("half", data: ["note.txt": ""])
    for finding in try objects("check", bench.drop + "/half", status: 65) {
      #expect(finding.names == ["path", "line", "column", "severity", "message"])
    }
    let explained = try objects("explain", bench.drop + "/half", status: 75)
    #expect(explained.count == 1 && explained[0].names == ["outcome", "source", "findings"])
  }

  @Test func `drop`() throws {
    for name in ["first", "second"] {
      try FileManager.default.createDirectory(
        atPath: bench.directory + "/" + name, withIntermediateDirectories: true)
      try bench.write(name + "/control.json", ProgramBench.control)
    }
    for finding in try objects("drop", "hr", bench.directory + "/first", status: 65) {
      #expect(finding.names == ["path", "line", "column", "severity", "message"])
    }
    try bench.write("second/data0.json", #"[{"id": 1}]"#)
    let dropped = try objects("drop", "hr", bench.directory + "/second")
    #expect(dropped.map(\.names) == [["source", "name", "path", "files"]])
    #expect(dropped[0]["files"]?[0]?.names == ["file", "size", "sha256"])
  }

  @Test func `config`() throws {
    let values = try objects("config")
    for value in values {
      #expect(value.names == ["section", "key", "value", "origin", "file", "line"])
    }
    #expect(Set(values.compactMap { $0["section"]?.text }) == ["Server", "Daemon", "Source hr"])
    let online = try objects("config", "--online")
    #expect(Array(online.dropLast()) == values)
    #expect(online.last?.names == ["server", "outcome", "reason", "remedy", "http", "certificateExpires"])
  }

  @Test func `retry, approve, reject, pause and resume`() throws {
    try bench.configure(source: "QuietSec=0\nMode=approve")
    try bench.dropFolder("first")
    #expect(bench.run("once").status == 0)
    let set = try bench.ids()[0]
    let results = try [
      objects("approve", set), objects("reject", set, "--reason", "x"), objects("retry", set),
      objects("pause", "hr"), objects("resume", "hr"), objects("approve", set, status: 65),
      objects("retry", "1970", status: 66), objects("pause", "nobody", status: 66),
    ].map { try #require($0.count == 1 ? $0[0] : nil) }
    for result in results { #expect(result.names == Self.decision) }
    #expect(results.map { $0["subject"]?.text } == [set, set, set, "hr", "hr", set, "1970", "nobody"])
    #expect(
      results.map { $0["outcome"]?.text } == [
        "done", "done", "done", "done", "done", "refused", "not-found", "no-source",
      ])
  }

  @Test func `discard, wait and reconcile`() throws {
    try bench.dropFolder("first")
    try bench.dropFolder("second", control: "[]")
    #expect(bench.run("once").status == 65)
    for set in try objects("list") {
      let id = try #require(set["set"]?.text)
      #expect(try objects("wait", id, status: set["state"] == .string("rejected") ? 65 : 0) == [set])
    }
    let discarded = try objects("discard", "--all")
    #expect(discarded.map(\.names) == [Self.decision] && discarded[0]["outcome"] == .string("done"))
    let reconciled = try objects("reconcile", "--assume-new")
    #expect(reconciled.map(\.names) == [Self.decision] && reconciled[0]["subject"] == .string("journal"))
  }

  @Test func `diff`() throws {
    try bench.configure(source: "QuietSec=0\nRecordKey.data0=id")
    for (name, data) in [
      ("monday", #"[{"id": 1}, {"id": 2}]"#), ("tuesday", #"[{"id": 2, "x": 1}, {"id": 3}]"#),
    ] {
      try bench.dropFolder(name, data: ["data0.json": data])
      #expect(bench.run("once").status == 0)
    }
    let sets = try objects("list").sorted { ($0["name"]?.text ?? "") < ($1["name"]?.text ?? "") }
    let ids = try sets.map { try #require($0["set"]?.text) }
    let lines = try objects("diff", ids[1], ids[0])
    #expect(
      lines[0].names == [
        "set", "other", "key", "file", "recordKey", "before", "now", "added", "removed", "changed",
        "withoutKey",
        "repeated", "note",
      ])
    #expect(Set(lines.dropFirst().compactMap { $0["change"]?.text }) == ["added", "removed", "changed"])
    for line in lines.dropFirst() { #expect(line.names == ["key", "change", "record", "fields"]) }
  }

  @Test func `verify and prune`() throws {
    try bench.dropFolder("first")
    #expect(bench.run("once").status == 0)
    let summary: Set = ["sets", "files", "bytes", "records", "damaged"]
    #expect(try objects("verify").map(\.names) == [summary])
    let archived = try #require(objects("list").first)
    let path = try #require(archived["path"]?.text)
    try bench.write(path.dropFirst(bench.directory.count + 1) + "/files/data0.json", "[ ]")
    #expect(try objects("verify", status: 65).map(\.names) == [["path", "text", "set"], summary])
    try bench.configure(source: "QuietSec=0\nArchiveKeepSec=0")
    let planned = try objects("prune", "--dry-run")
    #expect(
      planned.map(\.names) == [["part", "path", "set", "size"]] && planned[0]["set"] == archived["set"])
    #expect(try objects("prune") == planned)
  }
}
