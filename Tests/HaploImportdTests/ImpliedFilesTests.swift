import FoundationEssentials
import Glibc
import HaploSimulator
import Testing

/// Files that the configuration names or implies, and commands that need some of it only.
@Suite struct ImpliedFilesTests {
  private let bench: ProgramBench

  init() throws { bench = try ProgramBench() }

  private func withoutKeyFile(_ source: String = "QuietSec=0") throws {
    try bench.write(
      "haplo.conf",
      """
      [Server]
      URL=\(bench.simulator.url)
      [Daemon]
      SpoolDirectory=\(bench.directory)/spool
      StateDirectory=\(bench.directory)/state
      RuntimeDirectory=\(bench.directory)/run
      [Source hr]
      \(source)

      """)
  }

  @Test func `the key next to the configuration is used by once, run and config`() throws {
    try withoutKeyFile()
    try bench.write("api-key", ProgramBench.key, mode: 0o600)
    try bench.dropFolder("first")
    #expect(bench.run("once").status == 0)
    #expect(bench.simulator.record.jobs.count == 1)
    let config = bench.run("config", "--online")
    #expect(config.status == 0 && config.errors.isEmpty, "\(config.errors)")
    #expect(config.output.contains("APIKeyFile=\(bench.directory)/api-key"))
    let daemon = try bench.startDaemon()
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
    chmod(bench.directory + "/api-key", 0o644)
    for command in ["once", "run", "config"] {
      let run = bench.run(command)
      #expect(run.status == 77 && run.errors.contains("chmod 600"), "\(command): \(run.errors)")
    }
  }

  @Test func `import-if-clean without a key that this process has is 78`() throws {
    try withoutKeyFile("Mode=import-if-clean")
    try bench.write("api-key", ProgramBench.key, mode: 0o600)
    try bench.write("outcome-key", ProgramBench.key, mode: 0o600)
    for command in ["config", "once", "run"] {
      let run = bench.run(command)
      #expect(
        run.status == 78 && run.errors.contains("Mode=import-if-clean needs OutcomeKeyFile="),
        "\(command): \(run.errors)")
    }
  }

  @Test(arguments: ["CAFile", "ClientCertificateFile"])
  func `a file for TLS that is missing or no PEM fails config, and with it a reload`(key: String) throws {
    let path = bench.directory + "/tls.pem"
    for text in [nil, "localhost\n"] {
      if let text { try bench.write("tls.pem", text) }
      try bench.configure(server: "\(key)=\(path)")
      let words = text == nil ? "cannot open '\(path)'" : "'\(path)' has no certificate"
      for options in [[], ["--quiet"], ["--online"]] {
        let run = BuiltProgram.run(["--config", bench.configuration, "config"] + options)
        #expect(run.status == 78, "\(options): \(run.errors)")
        #expect(
          run.errors.contains("haplo.conf:4: error: \(key)=: \(words)")
            && run.errors.split(separator: "\n").count == 1, "\(options): \(run.errors)")
      }
    }
  }

  @Test func `status and its check warn of a file for TLS that is missing on disk`() throws {
    let daemon = try bench.startDaemon()
    try bench.configure(server: "CAFile=\(bench.directory)/missing.pem")
    let check = bench.run("status", "--check")
    #expect(check.status == 1, "\(check)")
    #expect(check.output.hasPrefix("HAPLO-IMPORTD WARNING - the configuration on disk is invalid"))
    let status = bench.run("status").output
    #expect(status.contains("haplo.conf:4: error: CAFile=: cannot open"), "\(status)")
    daemon.signal(SIGTERM)
    #expect(daemon.end() == 0)
    let down = bench.run("status").output
    #expect(down.contains("invalid, so the daemon does not start: "), "\(down)")
  }

  @Test func `config --quiet prints errors only where there are warnings too`() throws {
    try bench.configure(source: "Modus=import", server: "MaxConnections=9")
    let quiet = bench.run("config", "--quiet")
    #expect(quiet.status == 78 && quiet.output.isEmpty)
    let lines = quiet.errors.split(separator: "\n")
    #expect(lines.count == 1 && lines[0].contains(":10: error: "), "\(quiet.errors)")
    #expect(bench.run("config").errors.contains(":4: warning: "))
  }

  @Test func `check uses a configuration with errors for nothing, and says so`() throws {
    try bench.dropFolder("first")
    try bench.configure(source: "Modus=import")
    let run = bench.run("check", bench.drop + "/first")
    #expect(run.status == 0 && run.errors.contains("note: the configuration is invalid"), "\(run.errors)")
    #expect(bench.run("check", "--source", "hr", bench.drop + "/first").status == 78)
    let missing = BuiltProgram.run(["--config", "/nonexistent/x.conf", "check", bench.drop + "/first"])
    #expect(missing.status == 78, "a file that is named must be there")
  }

  @Test func `reconcile without an outcome key is 78`() {
    let run = bench.run("reconcile")
    #expect(run.status == 78 && run.errors.contains("needs OutcomeKeyFile= in [Server]"), "\(run.errors)")
  }

  @Test(arguments: ["2026-11-30T16:00:00+01:00", "2026-11-30t15:00:00z", "2026-11-30 10:30:00.5-04:30"])
  func `list accepts any time of RFC 3339`(time: String) {
    #expect(bench.run("list", "--since", time).status == 0)
    #expect(bench.run("list", "--until", time).status == 0)
  }

  @Test(arguments: ["2026-11-30T16:00:00+24:00", "2026-11-30T16:00:00+0100", "2026-11-30T16:00:00 01:00"])
  func `list refuses other offsets`(time: String) {
    #expect(bench.run("list", "--since", time).status == 64)
  }

  @Test func `an offset is applied`() throws {
    try bench.dropFolder("first")
    #expect(bench.run("once").status == 0)
    let now = Date().timeIntervalSince1970
    let hour = Self.utc(now - 3600)
    // Where clocks are two hours behind UTC, that time of day comes only in an hour.
    #expect(try bench.json(bench.run("list", "--json", "--since", hour + "+00:00")).count == 1)
    #expect(try bench.json(bench.run("list", "--json", "--since", hour + "-02:00")).isEmpty)
  }

  @Test func `once prints no priorities, which are for the daemon and for units`() throws {
    try bench.dropFolder("first")
    let once = bench.run("once")
    #expect(once.errors.contains("state=archived") && !once.errors.contains("<"), "\(once.errors)")
  }

  /// A moment as RFC 3339 without an offset.
  private static func utc(_ seconds: Double) -> String {
    var (time, parts) = (time_t(seconds), tm())
    gmtime_r(&time, &parts)
    var text = [CChar](repeating: 0, count: 32)
    strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S", &parts)
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
