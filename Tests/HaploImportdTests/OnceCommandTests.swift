import FoundationEssentials
import HaploSimulator
import Testing

/// What `once` ends with, for each reason that can be had.
@Suite struct OnceCommandTests {
  let bench: ProgramBench

  init() throws { bench = try ProgramBench() }

  private func states() throws -> [String?] {
    try bench.json(bench.run("list", "--json")).map { $0["state"]?.text }
  }

  @Test func `nothing to do, or all done, is 0`() throws {
    #expect(bench.run("once").status == 0)
    try bench.dropFolder("first")
    let once = bench.run("once")
    #expect(once.status == 0, "\(once.errors)")
    #expect(bench.simulator.record.jobs.map(\.isDryRun) == [true])
    #expect(try states() == ["archived"])
  }

  @Test func `the lines of the log follow a set from the drop to the archive`() throws {
    try bench.dropFolder("first")
    let once = bench.run("once")
    let words = once.errors.split(separator: "\n").compactMap { line in
      line.contains("set=") ? line.split(separator: " ").first { $0.hasPrefix("state=") } : nil
    }
    #expect(
      words == ["state=claimed", "state=uploading", "state=scheduling", "state=scheduled", "state=archived"])
    #expect(!once.errors.contains("<"), "a person or cron reads it")
  }

  @Test func `an incomplete set does not count`() throws {
    try bench.dropFolder("half", data: [:])
    #expect(bench.run("once").status == 0)
    #expect(FileManager.default.fileExists(atPath: bench.drop + "/half/control.json"))
  }

  @Test func `a rejected set is 65`() throws {
    try bench.dropFolder("bad", control: "{}")
    try bench.dropFolder("good")
    #expect(bench.run("once").status == 65)
    #expect(try Set(states()) == ["rejected", "archived"])
  }

  @Test func `a deferred set is 75, and goes on when the server does`() throws {
    try bench.simulator.add("any:503")
    try bench.dropFolder("first")
    let once = bench.run("once")
    #expect(once.status == 75, "\(once.errors)")
    #expect(once.errors.contains("state=deferred"))
    #expect(try states() == ["deferred"])
    let set = try #require(try bench.json(bench.run("list", "--json")).first)
    #expect(set["next"]?.text?.hasSuffix("Z") == true)
    #expect(set["reason"]?.text?.contains("Service unavailable") == true)
  }

  @Test func `a server that is down is 75`() throws {
    try bench.configure(url: "http://127.0.0.1:1")
    try bench.dropFolder("first")
    let once = bench.run("once")
    #expect(once.status == 75, "\(once.errors)")
    #expect(once.errors.contains("connection refused"))
  }

  @Test func `a refused key is 77 before a rejected set is 65`() throws {
    try bench.dropFolder("bad", control: "{}")
    try bench.dropFolder("good")
    bench.simulator.revokeKey()
    let once = bench.run("once")
    #expect(once.status == 77, "\(once.errors)")
    #expect(bench.simulator.record.requestCount == 1)
    #expect(try Set(states()) == ["rejected", "claimed"])
  }

  @Test(arguments: ["any:404", "any:redirect"])
  func `an address without the batch import is 78, as for config --online, and the set waits`(fault: String)
    throws
  {
    try bench.simulator.add(fault)
    try bench.dropFolder("first")
    let once = bench.run("once")
    #expect(once.status == 78, "\(once.errors)")
    #expect(once.errors.contains("cause=wrong-address") && once.errors.contains("URL="), "\(once.errors)")
    #expect(try states() == ["claimed"])
    #expect(bench.run("config", "--online").status == once.status)
  }

  @Test func `a wrong configuration is 78, and nothing is touched`() throws {
    try bench.configure(source: "Modus=import")
    try bench.dropFolder("first")
    for command in ["once", "run", "status", "list"] {
      let run = bench.run(command)
      #expect(run.status == 78)
      #expect(
        run.errors.contains(
          "haplo.conf:10: error: unknown key 'Modus' in [Source hr]; did you mean 'Mode='?"), "\(run.errors)")
    }
    #expect(FileManager.default.fileExists(atPath: bench.drop + "/first"))
    #expect(!FileManager.default.fileExists(atPath: bench.directory + "/state"))
  }

  @Test(arguments: ["CAFile", "ClientKeyFile"], ["once", "run"])
  func `a file for TLS that is missing is 78, with the line that names it`(key: String, command: String)
    throws
  {
    let other = key == "CAFile" ? "" : "\nClientCertificateFile=\(bench.configuration)"
    try bench.configure(server: "\(key)=\(bench.directory)/missing.pem\(other)")
    let run = bench.run(command)
    #expect(run.status == 78, "\(run.errors)")
    #expect(
      run.errors == "\(bench.configuration):4: error: \(key)=: cannot open '\(bench.directory)/missing.pem': "
        + "No such file or directory\n")
  }

  @Test func `an unusable key is 77`() throws {
    try bench.write("key", "short\n", mode: 0o600)
    let once = bench.run("once")
    #expect(once.status == 77)
    #expect(once.errors.contains("no key is shorter than 16"))
  }

  @Test func `a state directory that cannot be made is 73`() throws {
    try bench.write("state", "a file")
    let once = bench.run("once")
    #expect(once.status == 73)
    #expect(once.errors.contains("\(bench.directory)/state"), "\(once.errors)")
  }

  @Test func `a damaged journal is 74, names the line, and stays as it is`() throws {
    for name in ["a", "b", "c"] {
      try bench.dropFolder(name, control: "{}")
      #expect(bench.run("once").status == 65)
    }
    let path = bench.directory + "/state/journal.jsonl"
    var lines = try #require(
      FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    )
    .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    lines[1] = String(repeating: "0", count: lines[1].utf8.count)
    try bench.write("state/journal.jsonl", lines.joined(separator: "\n"), mode: 0o600)
    let damaged = try #require(FileManager.default.contents(atPath: path))
    for command in ["once", "run", "list", "status"] {
      let run = bench.run(command)
      #expect(run.status == 74, "\(command): \(run.errors)")
      #expect(run.errors.contains("\(path)") && run.errors.contains("line 2"), "\(run.errors)")
    }
    #expect(FileManager.default.contents(atPath: path) == damaged)
  }

  @Test func `output that cannot be written is 74`() throws {
    let run = BuiltProgram.run(["--config", bench.configuration, "list"], output: "/dev/full")
    #expect(run.status == 74)
    #expect(run.errors.contains("cannot write to standard output"))
  }
}
