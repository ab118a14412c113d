import HaploAPI
import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem

/// The parts of a running service, each made with what it needs.
struct LiveService: Sendable {
  let journal: Journal
  let heartbeat: Heartbeat
  let recovery: Recovery
  let register: SourceRegister
  let events: EventThread
  let ending: Ending
  let room: RoomKeeper
  let socket: ControlSocket?
  let metrics: Metrics
  let outcomes: OutcomeReader
  let alarms: Alarms
  let reload: ConfigurationReload
  let announcement: Announcement
  let pruning: HourlyPruning
  let once: OnceRun
  private let settings: CurrentSettings
  private let obstacles: SetObstacles
  private let fileSystem: FileSystem
  private let time: any Time

  init(
    _ parts: ServiceParts, _ loaded: LoadedConfiguration, _ core: ServiceCore, _ journal: Journal
  ) async throws {
    let (time, log) = (parts.time, parts.log)
    (self.journal, self.time, fileSystem) = (journal, time, parts.fileSystem)
    let workers = try WorkerPool(name: "haplo-worker", threads: 4)
    let settings = CurrentSettings(loaded.configuration)
    self.settings = settings
    heartbeat = Heartbeat(time: time)
    let recorder = SetRecorder(journal: journal, log: log, spool: core.spool)
    let blocking = BlockingWork(workers: workers, heartbeat: heartbeat)
    let local = LocalWork(journal: journal, log: log, time: time)
    obstacles = local.obstacles
    let notices = NoticeBoard(core.state, log: log)
    let tools = CourierTools(
      recorder: recorder, settings: settings, time: time, blocking: blocking, local: local, notices: notices)
    recovery = Recovery(recorder: recorder, blocking: blocking, settings: settings)
    let ending = Ending()
    self.ending = ending
    // Without events no signal, no caller and no change of a drop directory would ever be noticed.
    events = try EventThread(name: "haplo-events") { ending.end(because: $0) }
    room = RoomKeeper(
      spool: core.spool.root, state: core.state, settings: settings, workers: workers, time: time, log: log)
    register = SourceRegister(
      tools: tools, fileSystem: parts.fileSystem, events: events, room: room, ending: ending,
      locks: core.locks)
    let gate = ServerGate(
      store: journal, settings: loaded.configuration.server, key: loaded.key.fingerprint, time: time,
      log: KeyRemedyLog(log: log, settings: settings))
    let ways = ServerWays(parts: parts, state: core.state, workers: workers)
    settings.replace(
      loaded.configuration,
      server: Server(url: loaded.configuration.server.url, transport: try ways.transport(loaded), gate: gate),
      keyOrigin: loaded.keyOrigin, outcomes: try ways.outcomes(loaded))
    outcomes = OutcomeReader(
      recorder: recorder, settings: settings, time: time, blocking: blocking, notices: notices,
      results: tools.results, register: register)
    metrics = Metrics(
      recorder: recorder, settings: settings, time: time, workers: workers, notices: notices,
      register: register, room: room, state: core.state, tally: ways.tally, outcomeTally: ways.outcomeTally)
    alarms = Alarms(recorder: recorder, settings: settings, time: time, register: register)
    let statusLine = StatusLine(journal: journal, room: room, time: time)
    reload = ConfigurationReload(
      parts: parts, settings: settings, ways: ways, blocking: blocking, register: register,
      outcomes: outcomes, statusLine: statusLine)
    announcement = Announcement(
      journal: journal, settings: settings, register: register, room: room, statusLine: statusLine,
      time: time, log: log)
    pruning = HourlyPruning(
      journal: journal, settings: settings, register: register, fileSystem: core.spool.root.fileSystem,
      workers: workers, time: time, log: log)
    once = OnceRun(
      journal: journal, settings: settings, obstacles: obstacles, register: register, outcomes: outcomes,
      alarms: alarms, fileSystem: parts.fileSystem, time: time)
    let answers = try ControlAnswers(
      recorder: recorder, settings: settings, time: time, heartbeat: heartbeat,
      running: tools.requests.running, obstacles: obstacles, register: register, room: room)
    socket = try ControlSocket(
      in: loaded.configuration.daemon.runtimeDirectory, parts.fileSystem, events: events
    ) { await answers.answer($0, $1) }
  }

  /// Logs why nothing is sent, if the server refused requests before this start.
  func logStop() async { await settings.server?.gate.logStop() }

  /// Looks with every rescan whether the journal's file is still in place; else only the next sync would find out.
  func watchJournal() async throws {
    while true {
      let seen = settings.changes.version
      let period = settings.configuration.sources.compactMap(\.rescan).min()
      await settings.changes.wait(
        after: seen, until: period.map { time.monotonic.advanced(by: $0) } ?? .init(nanoseconds: .max), time)
      try Task.checkCancellation()
      await journal.checkPlace()
    }
  }

  /// Has the drop directories scanned as soon as what kept everything new from being taken is gone.
  func goOnWhenThereIsRoom() async throws {
    try await room.awaitRoom { [register] in for work in await register.all { work.intake.rescan() } }
  }

  /// How things stand at the end.
  func summary() async throws -> ServiceSummary {
    ServiceSummary(
      rejected: journal.tally.rejections, deferred: journal.waiting, stop: journal.server.stop?.cause,
      isBlocked: await room.obstacle != nil || journal.outdated != nil, obstructed: obstacles.all.count,
      hasFailedDisk: obstacles.all.contains { $0.obstacle.error.isIO },
      hasMetLimit: fileSystem.limits.hasLeftWork)
  }
}
