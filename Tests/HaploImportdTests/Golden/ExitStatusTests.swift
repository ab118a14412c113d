import Glibc
import Testing

@testable import haplo_importd

/// Every exit status that every command can end with, but 70, a bug, which nobody knows how to make.
@Suite struct ExitStatusTests {
  /// By command. A daemon's end with 0 is that of `running`.
  private static let contract: [String: Set<Int32>] = [
    "run": [64, 73, 74, 75, 77, 78], "once": [0, 64, 65, 73, 74, 75, 77, 78],
    "check": [0, 64, 65, 66, 74, 77, 78], "drop": [0, 64, 65, 66, 69, 73, 74, 75, 77, 78],
    "status": [0, 2, 3, 64, 69, 74, 77, 78], "list": [0, 64, 66, 69, 74, 77, 78],
    "show": [0, 64, 66, 69, 74, 77, 78], "diff": [0, 64, 65, 66, 69, 74, 77, 78],
    "explain": [0, 64, 65, 66, 69, 74, 75, 77, 78],
    "retry": [0, 64, 65, 66, 69, 73, 74, 75, 77, 78], "approve": [0, 64, 65, 66, 69, 73, 74, 75, 77, 78],
    "discard": [0, 64, 65, 66, 69, 73, 74, 75, 77, 78], "wait": [0, 64, 65, 66, 69, 74, 75, 77, 78],
    "reject": [0, 64, 65, 66, 69, 73, 74, 75, 77, 78], "pause": [0, 64, 66, 69, 73, 74, 75, 77, 78],
    "resume": [0, 64, 66, 69, 73, 74, 75, 77, 78], "reconcile": [0, 64, 69, 73, 74, 75, 77, 78],
    "verify": [0, 64, 65, 74, 77, 78],
    "prune": [0, 64, 74, 77, 78], "config": [0, 64, 69, 74, 77, 78], "help": [0, 64, 74],
    "version": [0, 64, 74],
  ]
  /// Root may read everything, unless it lays that right down.
  private static let layingDown = geteuid() == 0 ? ["/usr/bin/setpriv", "--bounding-set=-all"] : []

  @Test func `the table has every command, with each status that it can end with`() {
    var table: [String: Set<Int32>] = [:]
    for ending in Situation.allCases.flatMap(Ending.all) {
      for command in ending.commands {
        table[String(command.prefix { $0 != " " }), default: []].insert(ending.status)
      }
    }
    #expect(table == Self.contract)
    #expect(Set(Subcommand.all.map(\.name)) == Set(table.keys))
    // A bug, and a warning, of which StatusCheckTests make some.
    #expect(table.values.reduce([70, 1]) { $0.union($1) } == Set(ExitStatus.allCases.map(\.rawValue)))
  }

  @Test(arguments: Situation.allCases.filter { $0 != .hangsUp && $0 != .configurationForbidden })
  func `commands end as the table says, with`(situation: Situation) throws {
    let (bench, daemon) = try situation.prepare()
    let output = situation == .outputFull ? "/dev/full" : nil
    for ending in Ending.all(in: situation) {
      for command in ending.commands {
        let run = BuiltProgram.run(try words(command, bench), output: output)
        #expect(run.status == ending.status, "\(command): \(run.output)\(run.errors)")
        #expect(ending.status == 0 || !run.errors.isEmpty || !run.output.isEmpty, "\(command) says nothing")
      }
    }
    daemon?.signal(SIGTERM)
    if let daemon { #expect(daemon.end() == 0) }
  }

  @Test(
    .enabled(if: geteuid() != 0 || access("/usr/bin/setpriv", X_OK) == 0, "root needs setpriv to be refused"))
  func `commands end as the table says, with a configuration that one may not read`() throws {
    let (bench, _) = try Situation.configurationForbidden.prepare()
    chmod(bench.directory, 0o755)
    for ending in Ending.all(in: .configurationForbidden) {
      for command in ending.commands {
        let run = RunningProgram(try words(command, bench), through: Self.layingDown)
        #expect(run.end() == ending.status, "\(command): \(run.transcript)")
        #expect(ending.status == 0 || run.transcript.contains("Permission denied"), "\(run.transcript)")
      }
    }
  }

  @Test(arguments: [false, true])
  func `commands end as the table says, with a daemon that hangs up`(reading: Bool) throws {
    let (bench, _) = try Situation.hangsUp.prepare()
    let listener = RudeListener(bench.socket)
    for ending in Ending.all(in: .hangsUp) {
      for command in ending.commands {
        let run = RunningProgram(try words(command, bench))
        #expect(listener.hangUp(reading: reading), "\(command): \(run.transcript)")
        #expect(run.end() == ending.status, "\(command): \(run.transcript)")
        #expect(
          run.transcript.hasPrefix("haplo-importd: the daemon does not answer: cannot "), "\(run.transcript)")
      }
    }
  }

  /// The command line; `SET` is looked up when it is needed.
  private func words(_ command: String, _ bench: ProgramBench) throws -> [String] {
    try ["--config", bench.configuration]
      + command.split(separator: " ").map { word in
        word == "SET" ? try bench.ids()[0] : String(word.replacing("DROP", with: bench.drop))
      }
  }
}
