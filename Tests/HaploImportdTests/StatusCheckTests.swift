import FoundationEssentials
import Glibc
import HaploSimulator
import Testing

/// `status --check` as monitoring systems call it.
@Suite struct StatusCheckTests {
  private let bench: ProgramBench

  init() throws { bench = try ProgramBench() }

  private func check(_ status: Int32, _ state: String) -> String {
    let run = bench.run("status", "--check")
    #expect(run.status == status && run.errors.isEmpty, "\(run)")
    #expect(run.output.hasPrefix("HAPLO-IMPORTD \(state) - "), "\(run.output)")
    #expect(run.output.hasSuffix("\n") && run.output.split(separator: "\n").count == 1)
    #expect(run.output.contains(" | waiting="), "\(run.output)")
    return run.output
  }

  @Test func `a running daemon is OK, with a rejected set WARNING, and CRITICAL once it is down`() throws {
    let daemon = try bench.startDaemon()
    #expect(check(0, "OK").contains(" - 1 source, 0 sets waiting | waiting=0;;;0; "))
    try bench.dropFolder("bad", control: "{}")
    try #require(daemon.line(with: "state=rejected") != nil)
    #expect(check(1, "WARNING").contains(" - hr: 1 rejected set | "))
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
    let stopped = check(2, "CRITICAL")
    #expect(stopped.contains(" - the daemon is not running; hr: 1 rejected set | "))
    #expect(stopped.contains(" rejected=1;0;;0; "))
  }

  @Test func `the server's own sentence and the remedy are two sentences`() throws {
    bench.simulator.add(Fault(.notPermitted, at: nil))
    let daemon = try bench.startDaemon()
    try bench.dropFolder("first")
    try #require(daemon.line(with: "give the key's user") != nil, "\(daemon.transcript)")
    let line = check(2, "CRITICAL")
    #expect(line.contains("You are not permitted to perform this action. Give the key's user"), "\(line)")
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }

  @Test func `a key that is refused is CRITICAL`() throws {
    bench.simulator.revokeKey()
    let daemon = try bench.startDaemon()
    try bench.dropFolder("first")
    try #require(daemon.line(with: "http=403") != nil, "\(daemon.transcript)")
    let line = check(2, "CRITICAL")
    #expect(line.contains("deliveries are suspended since "), "\(line)")
    #expect(
      line.contains(
        ": the server refuses the API key: Request denied for security reasons. Write a valid key to"),
      "\(line)")
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }

  @Test func `a configuration with an error is WARNING while the daemon runs, CRITICAL without it`() throws {
    let daemon = try bench.startDaemon()
    try bench.configure(source: "Modus=import")
    #expect(check(1, "WARNING").contains("the configuration on disk is invalid"))
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
    #expect(check(2, "CRITICAL").contains("Modus"))
  }

  @Test func `a damaged journal is CRITICAL, a missing configuration UNKNOWN`() throws {
    let (damaged, _) = try Situation.journalDamaged.prepare()
    let run = damaged.run("status", "--check")
    #expect(run.status == 2 && run.output.hasPrefix("HAPLO-IMPORTD CRITICAL - "), "\(run)")
    #expect(run.output.contains(" | waiting=U;;;0; "), "\(run.output)")
    unlink(bench.configuration)
    _ = check(3, "UNKNOWN")
  }

  @Test func `a complete set that waits for space is not counted as incomplete`() throws {
    try bench.configure(rest: "[Daemon]\nMinFreeSpace=900T")
    try bench.dropFolder("first")
    try bench.dropFolder("half", data: [:])
    let daemon = try bench.startDaemon()
    // Both are known once they are explained.
    #expect(bench.run("explain", bench.drop).output.contains("first: complete, not picked up"))
    let run = bench.run("status", "--check")
    #expect(run.status == 2 && run.output.hasSuffix(" incomplete=1;;;0;\n"), "\(run)")
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
  }

  @Test func `the plugin and the definitions of other systems run this command`() throws {
    let daemon = try bench.startDaemon()
    let plugin = try ProjectFile.text("etc/monitoring/check_haplo_importd")
    #expect(plugin.split(separator: "\n").count == 2)
    try bench.write(
      "plugin", plugin.replacing("/usr/bin/haplo-importd", with: BuiltProgram.path), mode: 0o755)
    let run = BuiltProgram.run(["--config", bench.configuration], program: bench.directory + "/plugin")
    #expect(run.status == 0 && run.output.hasPrefix("HAPLO-IMPORTD OK - "), "\(run)")
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
    let installed = "/usr/lib/nagios/plugins/check_haplo_importd"
    for name in ["nagios.cfg", "nrpe.cfg", "checkmk-mrpe.cfg"] {
      #expect(try ProjectFile.text("etc/examples/monitoring/\(name)").contains(installed), "\(name)")
    }
    #expect(
      try ProjectFile.text("etc/examples/monitoring/icinga2.conf").contains(
        "PluginDir + \"/check_haplo_importd\""))
  }

  @Test func `the items of the Zabbix agent are commands that print what it says`() throws {
    let text = try ProjectFile.text("etc/examples/monitoring/zabbix-agent.conf")
    let items = text.split(separator: "\n").filter { $0.hasPrefix("UserParameter=") }.map { line in
      line.drop { $0 != "," }.dropFirst().replacing("/usr/bin/haplo-importd", with: BuiltProgram.path)
    }
    #expect(items.count == 2)
    for (item, beginning) in zip(items, ["HAPLO-IMPORTD CRITICAL - ", "{\"advice\":"]) {
      let run = BuiltProgram.run(
        ["-c", item + " --config '\(bench.configuration)'"], program: "/bin/sh")
      #expect(run.output.hasPrefix(beginning), "\(run)")
    }
  }
}
