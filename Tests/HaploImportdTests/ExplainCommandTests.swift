import FoundationEssentials
import Glibc
import Testing

@Suite struct ExplainCommandTests {
  let bench: ProgramBench

  init() throws { bench = try ProgramBench() }

  private func explain(_ path: String, running: Bool, _ check: (BuiltProgram.Run) throws -> Void) throws {
    let daemon = running ? try bench.startDaemon() : nil
    try check(bench.run("explain", path))
    daemon?.signal(15)
    if let daemon { #expect(daemon.end() == 0) }
  }

  @Test(arguments: [false, true])
  func `an incomplete folder waits: 75, and what is missing is named`(running: Bool) throws {
    try bench.dropFolder("half", data: ["other.txt": ""])
    try explain(bench.drop + "/half", running: running) { run in
      #expect(run.status == 75, "\(run.output)\(run.errors)")
      #expect(run.output.contains("data0"), "\(run.output)")
      #expect(run.errors.isEmpty == running)
    }
  }

  @Test(arguments: [false, true])
  func `what cannot be taken ends 65, with the reason`(running: Bool) throws {
    try bench.dropFolder("two", data: ["data0.json": "", "data0.xml": ""])
    try explain(bench.drop + "/two", running: running) { run in
      #expect(run.status == 65, "\(run.output)\(run.errors)")
      #expect(run.output.contains("data0.json") && run.output.contains("data0.xml"), "\(run.output)")
    }
  }

  @Test(arguments: [#"gr\366\337e"#, #"a\033[31mb"#, #"a\342\200\256b"#, #"a\302\233b"#])
  func `a name of any bytes is explained, and nothing of it is printed raw`(name: String) throws {
    for command in ["mkdir \"$3/$name\"", "exec \"$1\" --config \"$2\" explain \"$3/$name\""] {
      let run = BuiltProgram.run(
        [
          "-c", "name=$(printf '\(name)'); \(command)", "sh", BuiltProgram.path, bench.configuration,
          bench.drop,
        ],
        program: "/bin/sh")
      if command.hasPrefix("mkdir") { #expect(run.status == 0, "\(run.errors)"); continue }
      #expect([65, 75].contains(run.status), "\(run.errors)")
      #expect(run.output.contains("\\x"), "\(run.output)")
      let isPlain = run.output.unicodeScalars.allSatisfy { $0 == "\n" || (32..<127).contains($0.value) }
      #expect(isPlain, "\(run.output)")
    }
  }

  @Test(arguments: [false, true])
  func `what is not there ends 66`(running: Bool) throws {
    try explain(bench.drop + "/nothing", running: running) { run in
      #expect(run.status == 66)
      #expect(run.errors.hasSuffix("haplo-importd: there is no '\(bench.drop)/nothing'\n"))
    }
    try explain("/etc/passwd", running: running) { run in
      #expect(run.status == 66)
      #expect(run.errors.contains("is in no drop directory; those are: \(bench.drop)"))
    }
  }

  @Test(arguments: [false, true])
  func `what was taken ends 0, with its set`(running: Bool) throws {
    try bench.dropFolder("first")
    let once = bench.run("once")
    #expect(once.status == 0, "\(once.errors)")
    try explain(bench.drop + "/first", running: running) { run in
      #expect(run.status == 0)
      #expect(
        run.output.contains("\(bench.drop)/first: picked up as set ")
          && run.output.contains(", which is archived; see 'haplo-importd show 2"), "\(run.output)")
    }
  }

  @Test func `a complete one is taken as soon as the daemon runs`() throws {
    try bench.dropFolder("first")
    let run = bench.run("explain", bench.drop + "/first")
    #expect(run.status == 0, "\(run.output)")
    #expect(
      bench.run("explain", "first").output
        == "first: nothing is wrong; it is picked up as soon as the daemon runs\n")
    #expect(
      bench.run("explain", bench.drop).output == "first: complete, picked up as soon as the daemon runs\n")
  }

  @Test(arguments: [false, true])
  func `the name that status prints is enough, with the source where two have it`(running: Bool) throws {
    try bench.configure(source: "QuietSec=0", rest: "[Source finance]\nQuietSec=0")
    try FileManager.default.createDirectory(
      atPath: bench.directory + "/spool/drop/finance", withIntermediateDirectories: true)
    for source in ["hr", "finance"] { try bench.dropFolder("half", source: source, data: [:]) }
    try bench.dropFolder("other", data: [:])
    try explain("other", running: running) { run in
      #expect(
        run.status == 75 && run.output.hasPrefix("other: data file missing: "), "\(run.output)\(run.errors)")
      for name in ["hr/half", "finance/half", "finance/half/data0"] {
        let named = bench.run("explain", "--json", name)
        #expect(named.status == (name.hasSuffix("data0") ? 66 : 75), "\(named.output)\(named.errors)")
        guard let answer = try bench.json(named).first else { continue }
        #expect(answer["source"]?.text == String(name.prefix { $0 != "/" }))
      }
      let both = bench.run("explain", "half")
      #expect(both.status == 66 && both.output.isEmpty)
      #expect(
        both.errors.hasSuffix(
          "haplo-importd: 'half' is in several drop directories: \(bench.directory)/spool/drop/finance/half, "
            + "\(bench.drop)/half\n"), "\(both.errors)")
      #expect(bench.run("explain", "none").errors.contains("is in no drop directory"))
    }
  }

  @Test(arguments: [
    ("", "half: a warning is logged after 1h, and the set waits without limit"),
    (
      "\nIncompleteWarnSec=infinity\nIncompleteRejectSec=2d",
      "half: no warning is logged, and the set is rejected after 2d"
    ),
  ])
  func `an incomplete set's limits are part of the answer`(limits: String, line: String) throws {
    try bench.configure(source: "QuietSec=0" + limits)
    try bench.dropFolder("half", data: [:])
    try explain(bench.drop + "/half", running: true) { run in
      #expect(run.output.contains(line + " (IncompleteWarnSec=, IncompleteRejectSec=)\n"), "\(run.output)")
    }
  }

  @Test func `--json tells outcome, source and findings`() throws {
    try bench.dropFolder("half", data: [:])
    let run = bench.run("explain", "--json", bench.drop + "/half")
    #expect(run.status == 75)
    let answer = try #require(try bench.json(run).first)
    #expect(answer["outcome"] == .string("waiting") && answer["source"] == .string("hr"))
    #expect(answer["findings"]?[0]?.text?.contains("data0") == true)
  }

  @Test(
    .enabled(if: getuid() == 0, "only root may become somebody else"), arguments: [false, true])
  func `in a sticky directory of another owner it says who may move what, and the remedy`(isFlat: Bool) throws
  {
    try bench.dropFolder("set")
    chmod(bench.directory, 0o755)
    chmod(bench.drop, 0o1777)
    if isFlat {
      for name in ["control.json", "data0.json"] {
        try #require(rename("\(bench.drop)/set/\(name)", "\(bench.drop)/\(name)") == 0)
      }
    } else {
      chmod(bench.drop + "/set", 0o777)
    }
    let path = bench.drop + (isFlat ? "/control.json" : "/set")
    let entry = isFlat ? "data0.json" : "set"
    let run = BuiltProgram.run(
      [
        "--reuid=65534", "--regid=65534", "--clear-groups", BuiltProgram.path, "--config",
        bench.configuration,
      ]
        + ["explain", path], program: "/usr/bin/setpriv")
    #expect(run.status == 65, "\(run.output)\(run.errors)")
    #expect(
      run.output.contains("may not move '\(entry)' of owner 0 out: in \(bench.drop), which is sticky"),
      "\(run.output)")
    #expect(run.output.contains("chmod -t \(bench.drop)"), "\(run.output)")
    // With the right to everything that root has, nothing is in the way.
    #expect(bench.run("explain", path).status == 0)
  }

  @Test(arguments: [false, true])
  func `while the disk is full, a complete one waits for space, and status says so`(running: Bool) throws {
    try bench.configure(rest: "[Daemon]\nMinFreeSpace=900T")
    try bench.dropFolder("first")
    try bench.dropFolder("half", data: [:])
    try explain(bench.drop + "/first", running: running) { run in
      #expect(run.status == 75, "\(run.output)\(run.errors)")
      #expect(
        run.output.contains("disk full on \(bench.directory)/spool: ")
          && run.output.contains(" free, 900T required (MinFreeSpace=)"), "\(run.output)")
      let half = bench.run("explain", bench.drop + "/half")
      #expect(half.status == 75 && half.output.contains("data0") && half.output.contains("disk full"))
      guard running else { return }
      let status = bench.run("status").output
      #expect(
        status.contains("  incoming first: complete, not picked up: the disk is full (MinFreeSpace=)"),
        "\(status)")
    }
  }

  @Test func `a set of a paused source waits for 'resume' also while the daemon is down`() throws {
    try bench.dropFolder("first")
    #expect(bench.run("pause", "hr").status == 0)
    let run = bench.run("explain", bench.drop + "/first")
    #expect(run.status == 75 && run.output.contains("haplo-importd resume hr"), "\(run.output)\(run.errors)")
  }

  @Test(arguments: [false, true])
  func `a drop directory itself is explained by what waits in it`(running: Bool) throws {
    for path in [bench.drop, bench.drop + "/", bench.drop + "/.", bench.drop + "/x/.."] {
      let run = bench.run("explain", path)
      #expect(run.status == 0, "\(path): \(run.output)\(run.errors)")
      #expect(run.output.contains("the drop directory of source hr; nothing in it waits"), "\(run.output)")
    }
    try bench.dropFolder("half", data: [:])
    try explain(bench.drop, running: running) { run in
      #expect(run.status == 75 && run.output.contains("half: data file missing: "), "\(run.output)")
    }
  }

  @Test(arguments: [false, true])
  func `a drop directory whose source is paused says so, with the command, and what is complete in it`(
    running: Bool
  ) throws {
    #expect(bench.run("pause", "hr").status == 0)
    try explain(bench.drop, running: running) { run in
      #expect(run.status == 75, "\(run.output)\(run.errors)")
      let first = try #require(run.output.split(separator: "\n").first)
      #expect(
        first.hasPrefix("\(bench.drop): nothing is picked up: the source is paused by ")
          && first.hasSuffix(". Run 'haplo-importd resume hr'"), "\(first)")
      #expect(run.output.hasSuffix("nothing in it waits\n"))
    }
    try bench.dropFolder("two", data: ["data0.json": "", "data0.xml": ""])
    try explain(bench.drop, running: running) { run in
      #expect(run.output.contains("the source is paused by "), "\(run.output)\(run.errors)")
      #expect(!run.output.contains("nothing in it waits"), "\(run.output)")
    }
  }

  @Test(arguments: [false, true])
  func `a drop directory whose source is halted says by which set`(running: Bool) throws {
    try bench.configure(source: "QuietSec=0\nOnRejected=halt")
    try bench.dropFolder("bad", control: "{}")
    #expect(bench.run("once").status == 65)
    let set = try bench.ids()[0]
    try explain(bench.drop, running: running) { run in
      #expect(run.status == 75, "\(run.output)\(run.errors)")
      #expect(
        run.output.hasPrefix("\(bench.drop): nothing is picked up: the source is halted")
          && run.output.contains(set) && run.output.contains("haplo-importd resume hr"), "\(run.output)")
    }
  }

  @Test(arguments: [false, true])
  func `a drop directory says that the disk is full, and which sets wait for space`(running: Bool) throws {
    try bench.configure(rest: "[Daemon]\nMinFreeSpace=900T")
    try bench.dropFolder("first")
    try explain(bench.drop, running: running) { run in
      #expect(run.status == 75, "\(run.output)\(run.errors)")
      #expect(
        run.output.hasPrefix(
          "\(bench.drop): nothing is picked up: disk full on \(bench.directory)/spool: ")
          && run.output.contains(" free, 900T required (MinFreeSpace=)"), "\(run.output)")
      #expect(run.output.hasSuffix("\nfirst: complete, not picked up\n"), "\(run.output)")
    }
  }

  @Test(arguments: [false, true])
  func `a fixed control file that is missing is the cause for every file that waits`(running: Bool) throws {
    try bench.configure(source: "QuietSec=0\nControlFile=\(bench.directory)/fixed.json")
    try bench.write("spool/drop/hr/data0.json", "[]")
    // Under the second name 'status' lists the flat set, and advises to explain it.
    for name in ["data0.json", "fixed.json"] {
      try explain("\(bench.drop)/\(name)", running: running) { run in
        #expect(run.status == 65, "\(name): \(run.output)\(run.errors)")
        #expect(
          run.output.contains("\(bench.directory)/fixed.json: error: ")
            && run.output.contains("ControlFile="),
          "\(run.output)")
      }
    }
  }
}
