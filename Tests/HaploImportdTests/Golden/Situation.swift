import FoundationEssentials
import Glibc
import HaploSimulator
import Testing

/// What a command meets, so that it ends as the table of ``Ending`` says.
enum Situation: String, CaseIterable, CustomTestStringConvertible {
  case wrongCommandLine = "a wrong command line"
  case nothingYet = "nothing there yet"
  case running = "a running daemon"
  case dropped = "sets that were just dropped"
  case archived = "an archived set"
  case archiveDamaged = "a damaged archive"
  case rejected = "a rejected set"
  case awaitingApproval = "a set that awaits approval"
  case serverFailing = "a server that fails"
  case serverDown = "a server that is down"
  case keyRefused = "a key that the server refuses"
  case keyUnusable = "a key that is too short"
  case stateInUse = "another process that has the state"
  case hangsUp = "a daemon that hangs up"
  case stateNotMade = "a state directory that cannot be made"
  case journalDamaged = "a damaged journal"
  case outputFull = "an output that is full"
  case configurationWrong = "a configuration with an error"
  case configurationMissing = "a configuration that is not there"
  case configurationForbidden = "a configuration that one may not read"

  var testDescription: String { rawValue }

  /// A bench in which it is so, and the daemon if one runs.
  func prepare() throws -> (ProgramBench, RunningProgram?) {
    let bench = try ProgramBench()
    switch self {
    case .wrongCommandLine, .nothingYet: break
    case .running: return (bench, try bench.startDaemon())
    case .dropped: try Self.dropSets(bench)
    case .archived: try Self.archiveSet(bench)
    case .archiveDamaged:
      try Self.archiveSet(bench)
      let path = try #require(bench.json(bench.run("list", "--json")).first?["path"]?.text)
      try bench.write(path.dropFirst(bench.directory.count + 1) + "/files/data0.json", "[ ]")
    case .rejected:
      try bench.dropFolder("bad", control: "{}")
    case .awaitingApproval:
      try bench.configure(source: "QuietSec=0\nMode=approve")
      try Self.archiveSet(bench)
    case .serverFailing:
      try bench.simulator.add("any:503")
      try bench.dropFolder("first")
    case .serverDown:
      try bench.configure(url: "http://127.0.0.1:1")
      try bench.dropFolder("first")
    case .keyRefused:
      bench.simulator.revokeKey()
      try bench.dropFolder("first")
    case .keyUnusable: try bench.write("key", "short\n", mode: 0o600)
    case .stateInUse:
      let daemon = try bench.startDaemon()
      try #require(unlink(bench.socket) == 0)
      return (bench, daemon)
    case .hangsUp: try #require(mkdir(bench.directory + "/run", 0o755) == 0)
    case .stateNotMade: try bench.write("state", "a file")
    case .journalDamaged: try Self.damageJournal(bench)
    case .outputFull:
      try Self.archiveSet(bench)
      try Self.dropSets(bench)
      try bench.configure(source: "QuietSec=0\nArchiveKeepSec=0")
    case .configurationWrong: try bench.configure(source: "Modus=import")
    case .configurationMissing: try #require(unlink(bench.configuration) == 0)
    case .configurationForbidden: try #require(chmod(bench.configuration, 0) == 0)
    }
    return (bench, nil)
  }

  /// One that is complete, one that is not, and one that can never be.
  private static func dropSets(_ bench: ProgramBench) throws {
    try bench.dropFolder("good")
    try bench.dropFolder("half", data: [:])
    try bench.dropFolder("two", data: ["data0.json": "", "data0.xml": ""])
  }

  private static func archiveSet(_ bench: ProgramBench) throws {
    try bench.dropFolder("first")
    let once = bench.run("once")
    try #require(once.status == 0, "\(once.errors)")
  }

  private static func damageJournal(_ bench: ProgramBench) throws {
    // Only what was stored safely, and so has something behind it, is damage.
    for name in ["a", "b", "c"] {
      try bench.dropFolder(name, control: "{}")
      try #require(bench.run("once").status == 65)
    }
    let data = try #require(
      FileManager.default.contents(atPath: bench.directory + "/state/journal.jsonl"))
    var lines = String(decoding: data, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
    lines[1] = String(repeating: "0", count: lines[1].utf8.count)
    try bench.write("state/journal.jsonl", lines.joined(separator: "\n"), mode: 0o600)
  }
}
