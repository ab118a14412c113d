/// The configuration and the machine's behaviour of a seed.
struct WorldSettings {
  struct Source {
    var name: String
    var directory: String
    var mode: String
    var quiet: String
    var lines: [String] = []
  }

  var sources: [Source]
  var server: [String] = []
  var habits = Scheduler.Habits()
  var fileClock: Int64
  var notifierCapacity: Int

  init(_ random: inout Random) {
    let places = [World.spool + "/drop/", World.spool + "/drop/", World.spool + "/drop/", "/mnt/"]
    let modes = ["import", "import", "import", "approve", "dry-run"]
    sources = ["hr", "finance", "library"].prefix(random.between(1, 3)).map { name in
      var lines: [String] = []
      if random.chance(20) { lines.append("MaxInFlight=\(random.between(1, 8))") }
      if random.chance(15) { lines.append("OnRejected=halt") }
      if random.chance(15) { lines.append("OnDuplicate=\(random.pick(["skip", "hold"]))") }
      if random.chance(10) { lines.append("Order=name") }
      if random.chance(10) { lines.append("FirstSet=hold") }
      if random.chance(10) { lines.append("IncompleteRejectSec=2h") }
      if random.chance(75) { lines.append("RescanSec=10min") }
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

  /// Changes what a reload would change.
  mutating func change(_ random: inout Random) {
    let index = random.below(sources.count)
    switch random.below(4) {
    case 0: sources[index].quiet = random.pick(["0", "2s", "20s"])
    case 1:
      sources[index].lines =
        sources[index].lines.filter { !$0.hasPrefix("MaxInFlight") } + ["MaxInFlight=\(random.between(1, 8))"]
    case 2: server = random.pick([["MaxConnections=1"], ["ReplyTimeoutSec=1min"], []])
    default: break
    }
  }

  var text: String {
    """
    [Server]
    URL=https://research.example.ac.uk
    APIKeyFile=/etc/haplo-importd/api-key
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
