import CConcurrency
import Glibc
import HaploAPI
import ImportCore
import ImportRuntime
import ImportService
import ImportSystem

/// One history: a machine, a daemon with one life after another, a server, people and exporters, from one seed.
final class World: @unchecked Sendable {
  let seed: UInt64
  let log = History()
  let server: ServerModel
  var exports: [Export] = []
  var settings: WorldSettings
  var random: Random
  var marks: Set<Mark> = []
  var problems: [String] = []
  /// The number of the daemon's life; 0 before the first.
  var life = 0
  var isRunning = false
  /// True while the daemon is to be started again whenever it ends.
  var isWanted = true
  var writers: [Writer] = []
  var isHealed = false
  /// The daemon was told to end.
  var isStopping = false
  var hasLostEvents = false
  var hasSetClock = false
  var hasRestored = false
  var savedJournal: [UInt8]?
  /// The mode of a source was changed, or its outcome key: a set may have to wait for a person.
  var hasChangedModes = false
  var hasRotatedOutcomeKey = false
  /// When the daemon began first.
  var started: Int64?
  /// Sets that a person allowed to be imported again, that a person decided about, and that were discarded.
  var mayRepeat: Set<String> = []
  var touched: Set<String> = []
  var discarded: Set<String> = []
  var approved: Set<String> = []
  /// Sets that a person wanted to be discarded.
  var doomed: Set<String> = []

  init(seed: UInt64, hours: Int) {
    self.seed = seed
    random = Random(seed: seed)
    settings = WorldSettings(&random, hours: hours)
    machine = Machine(random.branch())
    scheduler = Scheduler(random.branch())
    scheduler.habits = settings.habits
    machine.fileClock = settings.fileClock
    machine.notifierCapacity = settings.notifierCapacity
    server = ServerModel(random.branch())
    server.world = self
    log.onEvent = { [unowned(unsafe) self] in hear($0) }
    ThreadSupply.simulate(scheduler)
    makePlace()
  }

  // MARK: The place

  static let configurationPath = "/etc/haplo-importd/haplo-importd.conf"
  static let apiKeyPath = "/etc/haplo-importd/api-key"
  static let spool = "/var/spool/haplo-importd"
  static let state = "/var/lib/haplo-importd"

  private func makePlace() {
    for path in [
      "/etc", "/etc/haplo-importd", "/var", "/var/spool", Self.spool, Self.spool + "/drop", "/var/lib",
      Self.state, "/run",
      "/srv", "/proc", "/proc/sys", "/proc/sys/kernel", "/proc/sys/kernel/random",
    ] { makeFolder(path) }
    machine.mount("/mnt")
    writeConfiguration()
    write(server.key + "\n", to: Self.apiKeyPath, mode: 0o600)
    write(server.pages.key + "\n", to: WorldSettings.outcomeKeyPath, mode: 0o600)
    write("boot-\(seed)\n", to: "/proc/sys/kernel/random/boot_id")
    for source in settings.sources { makeFolder(source.directory) }
    machine.inode("/")?.syncTree()
  }

  func writeConfiguration() { install(settings.text, at: Self.configurationPath) }

  /// Writes a file as a careful administrator does, so that a power cut leaves the old one or the new one.
  func install(_ text: String, at path: String, mode: UInt32 = 0o644) {
    write(text, to: path, mode: mode)
    machine.inode("/etc")?.syncTree()
    machine.inode("/var/lib")?.syncEntries()
  }

  func makeFolder(_ path: String) { _ = path.withCString { simMkdir(-1, $0, 0o775) } }

  func write(_ text: String, to path: String, mode: UInt32 = 0o644) {
    let number = Int32(path.withCString { simOpen(-1, $0, O_WRONLY | O_CREAT | O_TRUNC, mode) })
    guard number > 0 else { return }
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { simPwrite(number, $0.baseAddress!, bytes.count, 0) }
    _ = simClose(number)
  }

  // MARK: The daemon

  /// Begins the next life of the daemon.
  func start() {
    guard !isRunning, isWanted else { return }
    life += 1
    scheduler.life = life
    machine.isDead = false
    isRunning = true
    isStopping = false
    started = started ?? machine.monotonic
    log.add("-- life \(life) begins")
    let (life, log, server, firstKey) = (life, log, server, server.key)
    Task { [self] in
      do {
        let signals = try SignalInbox()
        let parts = ServiceParts(
          load: { try Self.load() },
          transport: {
            SimulatedTransport(
              server: server, life: life, key: mutation == .eraIgnored ? firstKey : $0.key.secret)
          },
          pages: { loaded in
            loaded.outcomeKey.map { SimulatedPages(model: server.pages, life: life, key: $0.secret) }
          }, log: log)
        _ = try await Service(parts, purpose: .daemon, signals: signals).run()
        ended(life, nil)
      } catch {
        ended(life, error)
      }
    }
  }

  private static func load() throws -> LoadedConfiguration {
    let environment = ConfigurationEnvironment()
    let configuration = try ConfigurationLoader().load(
      path: configurationPath, environment: environment, isForService: true)
    let key = try APIKeyFile(configuration.server, environment: environment).read()
    var loaded = LoadedConfiguration(configuration: configuration, key: key)
    do throws(OutcomeKeyFailure) {
      loaded.outcomeKey = try OutcomeKey.read(configuration.server, apiKey: key, environment: environment)
    } catch {
      loaded.outcomeKeyFailure = error
    }
    return loaded
  }

  /// The daemon has ended by itself.
  private func ended(_ life: Int, _ error: (any Error)?) {
    guard life == self.life else { return }
    log.add("-- life \(life) ends: \(error.map { "\($0)" } ?? "as it was told")")
    if let error, !machine.isDead { judgeEnd(error) }
    scheduler.after(0) { [self] in
      bury()
      scheduler.after(5_000_000_000) { [self] in start() }
    }
  }

  /// Ends the daemon as SIGKILL does.
  func kill() {
    guard isRunning else { return }
    log.add("-- life \(life) is killed")
    bury()
  }

  /// Cuts the power of the machine.
  func cutPower() {
    log.add("-- power cut in life \(life)")
    mark(.powerCut)
    bury()
    for writer in writers { writer.stop() }
    for export in exports where !export.isSynced && !server.hasJob(of: export) { export.isDamaged = true }
    var random = random.branch()
    machine.cutPower(&random)
    write("boot-\(seed)-\(life)\n", to: "/proc/sys/kernel/random/boot_id")
  }

  private func bury() {
    isRunning = false
    server.noteDeath()
    scheduler.dropAll()
    machine.closeAll(of: life)
    machine.isDead = false
    machine.deathAt = nil
    machine.life = 0
    scheduler.life = 0
  }

  private func judgeEnd(_ error: any Error) {
    if machine.faults.hits > 0 { return }
    problems.append("the daemon ended by itself: \(error)")
  }
}

extension World {
  /// Takes a line of the daemon's log.
  func hear(_ event: LogEvent) {
    if let set = event["set"] {
      switch event.kind {
      case .setHeld, .setRejected, .setRetried: touched.insert(set)
      case .setDiscarded: discarded.insert(set)
      case .setApproved where event["by"] != "Mode=import-if-clean": approved.insert(set)
      default: break
      }
    }
    switch event.kind {
    case .ourBug: problems.append("the daemon found a contradiction in itself: \(event.text)")
    case .setClaimed:
      mark(.claimed)
      let source = settings.sources.first { $0.name == event["source"] }
      if source?.directory.hasPrefix("/mnt") == true { mark(.copied) }
      if event["name"] == "control.json" { mark(.flat) }
    case .setDeferred: mark(.deferred)
    case .setScheduled where event["reason"]?.contains("state only") == true: mark(.stateOnly)
    case .setHeld:
      mark(.held)
      if event["reason"]?.contains("/etc/haplo-importd/") == true { mark(.guarded) }
      if event["reason"]?.contains("but it is in work/") == true { mark(.backAtWork) }
    case .setRejected: mark(.rejected)
    case .setArchived: mark(.archived)
    case .setSkipped: mark(.skipped)
    case .setWithdrawn: mark(.withdrawn)
    case .batchAbandoned: mark(.abandoned)
    case .journalTorn: mark(.torn)
    case .journalOutdated: mark(.outdated)
    case .serverRefused: mark(.stoppedServer)
    case .serverAccepted: mark(.resumedServer)
    case .setObstructed: mark(.obstructed)
    case .setApproved where event["by"] == "Mode=import-if-clean": mark(.importedAsClean)
    case .setReconciled: mark(.foundInList)
    case .outcomeGood, .outcomeWithErrors, .outcomeFailed, .outcomeStuck, .outcomeUnknown: hearOutcome(event)
    case .outcomesStopped: mark(.outcomesStopped)
    case .outcomesResumed: mark(.outcomesResumed)
    case .journalDamaged:
      if !hasRestored { problems.append("the journal is damaged: \(event.text)") }
    default: break
    }
  }
}
