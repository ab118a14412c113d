/// The configuration and the machine's behaviour of a seed.
struct WorldSettings {
  struct Source {
    var name: String
    var directory: String
    var mode: String
    var quiet: String
    var lines: [String] = []
  }

  static let outcomeKeyPath = "/etc/haplo-importd/outcome-key"

  var sources: [Source]
  var server: [String] = []
  /// True if the server's jobs pages are read.
  let hasOutcomes: Bool
  /// Hours after which a job without an end is unknown.
  let outcomeHours: Int
  var habits = Scheduler.Habits()
  var fileClock: Int64
  var notifierCapacity: Int

  /// Seconds in which things go wrong. Short histories have their acts close together, long ones let timers pass.
  let span: Int64
  /// Seconds after which a source has been scanned, whatever events were lost.
  var rescan: Int64 { isLong ? 1800 : 600 }
  private var isLong: Bool { span > 3600 }

  init(_ random: inout Random, hours: Int) {
    span = random.pick([60, 60, 60, 600, 600, 600, 3600, 3600, 6 * 3600, Int64(hours) * 3600])
    let isLong = span > 3600
    let places = [World.spool + "/drop/", World.spool + "/drop/", World.spool + "/drop/", "/mnt/"]
    hasOutcomes = random.chance(60)
    outcomeHours = random.pick([3, 3, 8])
    let hasOutcomes = hasOutcomes
    let modes =
      ["import", "import", "import", "approve", "dry-run"]
      + (hasOutcomes ? ["import-if-clean", "import-if-clean", "import-if-clean"] : [])
    sources = ["hr", "finance", "library"].prefix(random.between(1, 3)).map { name in
      var lines: [String] = []
      if random.chance(20) { lines.append("MaxInFlight=\(random.between(1, 8))") }
      if random.chance(15) { lines.append("OnRejected=halt") }
      if random.chance(15) { lines.append("OnDuplicate=\(random.pick(["skip", "hold"]))") }
      if random.chance(10) { lines.append("Order=name") }
      if random.chance(10) { lines.append("FirstSet=hold") }
      if hasOutcomes, random.chance(15) { lines.append("OnFailed=halt") }
      if random.chance(20) { lines.append(random.pick(Self.guards)) }
      if random.chance(10) { lines.append("IncompleteRejectSec=2h") }
      if isLong || random.chance(75) { lines.append("RescanSec=\(isLong ? 30 : 10)min") }
      if random.chance(10) { lines.append("ResultFiles=yes") }
      return Source(
        name: name, directory: random.pick(places) + name, mode: random.pick(modes),
        quiet: random.pick(["5s", "5s", "0", "30s"]),
        lines: lines)
    }
    switch random.below(4) {
    case 0: break
    case 1: habits = .init(slowWork: 20, slowTasks: 2, longest: 20_000_000, newest: 20)
    case 2: habits = .init(slowWork: 50, slowTasks: 0, longest: 3_000_000_000, oldest: 50)
    default: habits = .init(slowWork: 5, slowTasks: 5, longest: 300_000_000, newest: 60)
    }
    habits.interleaving = random.pick([0, 3, 20])
    fileClock = random.pick([1, 1, 4_000_000])
    notifierCapacity = random.pick([16384, 16384, 8])
  }

  private static let guards = [
    "MinRecords=1", "MinRecords=2", "ChangeLimit=50%", "ShrinkLimit=50%",
    "RecordKey.data0=first\nRemovalLimit=50%",
  ]

  /// Changes what a reload would change; true if sets may have to wait for a person because of it.
  mutating func change(_ random: inout Random) -> Bool {
    let index = random.below(sources.count)
    switch random.below(5) {
    case 0: sources[index].quiet = random.pick(["0", "2s", "20s"])
    case 1:
      sources[index].lines =
        sources[index].lines.filter { !$0.hasPrefix("MaxInFlight") } + ["MaxInFlight=\(random.between(1, 8))"]
    case 2: server = random.pick([["MaxConnections=1"], ["ReplyTimeoutSec=1min"], []])
    case 3:
      let modes = ["approve", "import-if-clean"]
      guard hasOutcomes, modes.contains(sources[index].mode) else { break }
      sources[index].mode = random.pick(modes)
      return true
    default: break
    }
    return false
  }

  var text: String {
    """
    [Server]
    URL=https://research.example.ac.uk
    APIKeyFile=\(World.apiKeyPath)
    \(hasOutcomes ? "OutcomeKeyFile=\(Self.outcomeKeyPath)\nOutcomeTimeoutSec=\(outcomeHours)h" : "")
    \(server.joined(separator: "\n"))
    [Daemon]
    SpoolDirectory=\(World.spool)
    StateDirectory=\(World.state)
    RuntimeDirectory=/run/haplo-importd

    """
      + sources.map { source in
        "[Source \(source.name)]\nMode=\(source.mode)\nDirectory=\(source.directory)\nQuietSec=\(source.quiet)\n"
          + source.lines.map { $0 + "\n" }.joined()
      }.joined()
  }
}
