import HaploAPI
import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem
import Synchronization

/// The parts of a running service.
struct LiveService: Sendable {
  let parts: ServiceParts
  let context: CourierContext
  let recovery: Recovery
  let register: SourceRegister
  let events: EventThread
  let ending: Ending
  let room: RoomKeeper
  let socket: ControlSocket?
  let metrics: Metrics
  let outcomes: OutcomeReader
  /// The state directory.
  private let state: Directory
  var alarms: Alarms { Alarms(context: context) }
  /// Signalled when the configuration is to be read again.
  let reloads = Latch()
  private let tally = ServerTally()
  private let outcomeTally = OutcomeTally()

  init(
    _ parts: ServiceParts, _ loaded: LoadedConfiguration, _ core: ServiceCore, _ journal: Journal
  ) async throws {
    let spool = core.spool
    self.parts = parts
    state = core.state
    let workers = try WorkerPool(name: "haplo-worker", threads: 4)
    let settings = CurrentSettings(loaded.configuration)
    context = CourierContext(
      journal: journal, spool: spool, workers: workers, time: parts.time, log: parts.log,
      heartbeat: Heartbeat(time: parts.time), uploads: SharedUploads(), batches: SeenBatches(journal),
      settings: settings,
      notices: NoticeBoard(core.state, log: parts.log))
    recovery = Recovery(
      journal: journal, spool: spool, workers: workers, context: context, settings: settings, log: parts.log)
    let ending = Ending()
    self.ending = ending
    // Without events no signal, no caller and no change of a drop directory would ever be noticed.
    events = try EventThread(name: "haplo-events") { ending.end(because: $0) }
    room = RoomKeeper(
      spool: spool.root, state: core.state, settings: settings, workers: workers, time: parts.time,
      log: parts.log)
    register = SourceRegister(
      context: context, fileSystem: parts.fileSystem, events: events, room: room, ending: ending,
      locks: core.locks)
    let gate = await ServerGate(
      store: journal, settings: loaded.configuration.server, key: loaded.key.fingerprint, time: parts.time,
      log: KeyRemedyLog(log: parts.log, settings: settings))
    settings.replace(
      loaded.configuration,
      server: Server(
        url: loaded.configuration.server.url, transport: tally.counting(try parts.transport(loaded)),
        gate: gate), keyOrigin: loaded.keyOrigin,
      outcomes: OutcomeAccess(loaded, try parts.pages(loaded), tally: outcomeTally, in: core.state, workers))
    outcomes = OutcomeReader(context: context, register: register)
    metrics = Metrics(
      context: context, register: register, room: room, state: core.state, tally: tally,
      outcomeTally: outcomeTally)
    let answers = try ControlAnswers(context: context, register: register, room: room)
    socket = try ControlSocket(
      in: loaded.configuration.daemon.runtimeDirectory, parts.fileSystem, events: events
    ) { await answers.answer($0, $1) }
  }

  /// Tells the service manager that everything that was there at start has been looked at, and from then on in one
  /// line what is going on, whenever that has changed.
  func announce() async throws {
    await waitForFirstScans()
    // Found at start, a second daemon is a mistake of the configuration; found later, the source waits for it to end.
    for work in await register.all { if let rival = await work.intake.rival { throw rival } }
    try Task.checkCancellation()
    _ = await room.hasRoom()
    let sources = await register.all.count
    parts.log.write(
      LogEvent(.started, "haplo-importd \(Version.text) has started").with("sources", sources)
        .with("server", context.settings.configuration.server.url)
        .with("waiting", context.journal.waiting))
    ServiceManager.notify(["READY=1", "STATUS=\(await statusLine)"])
    guard ServiceManager.isPresent else { return }
    var last = ""
    while true {
      let seen = context.journal.changes.version
      let line = await statusLine
      if line != last { ServiceManager.notify(["STATUS=\(line)"]) }
      last = line
      await context.journal.changes.wait(after: seen)
      try await parts.time.sleep(for: .milliseconds(250))  // many changes at once are one line
    }
  }

  /// How long the start waits for drop directories that do not answer.
  private static let patience = Duration.seconds(10)

  /// Waits until every drop directory has been scanned, but not for one that hangs: only its own source waits for it.
  private func waitForFirstScans() async {
    let works = await register.all
    let waiting = WaitingSources(works.map(\.settings.name))
    let (time, patience) = (parts.time, Self.patience)
    await withTaskGroup { group in
      group.addTask {
        await withDiscardingTaskGroup { scans in
          for work in works {
            scans.addTask {
              await work.intake.firstScanDone()
              if !Task.isCancelled { waiting.remove(work.settings.name) }
            }
          }
        }
      }
      group.addTask { try? await time.sleep(for: patience) }
      await group.next()
      group.cancelAll()
    }
    if Task.isCancelled { return }
    for name in waiting.names {
      parts.log.write(
        LogEvent(.workStuck, "the drop directory does not answer; other sources are not delayed").with(
          "source", name
        )
        .with("for", "\(Int(Self.patience.inSeconds))s"))
    }
  }

  /// Reads the configuration again whenever that was asked for; several requests at once are one.
  func reloadWhenAsked() async throws {
    var done = reloads.version
    while true {
      await reloads.wait(after: done)
      try Task.checkCancellation()
      done = reloads.version
      await reload()
    }
  }

  /// Reads the configuration, the key and the files that TLS needs, on a thread of its own: they may be on a mount that
  /// hangs.
  private func read() async throws -> (LoadedConfiguration, any Transport, OutcomeAccess?) {
    let (parts, tally, outcomeTally) = (parts, tally, outcomeTally)
    let (state, workers) = (state, context.workers)
    return try await context.readers.run(in: "the configuration") { [heartbeat = context.heartbeat] _ in
      let activity = heartbeat.begin("reading the configuration", isIsolated: true)
      defer { activity.end() }
      return Result<(LoadedConfiguration, any Transport, OutcomeAccess?), any Error> {
        let loaded = try parts.load()
        for (origin, key) in [(loaded.keyOrigin, "API key"), (loaded.outcomeKeyOrigin, "outcome key")] {
          guard let origin, origin.isNewer(parts.fileSystem) else { continue }
          parts.log.write(
            LogEvent(
              .restartNeeded, "the \(key)'s file is newer than the copy that systemd made at the start"
            )
            .with("path", origin.path).with("remedy", "systemctl restart \(origin.unit)"))
        }
        return (
          loaded, tally.counting(try parts.transport(loaded)),
          OutcomeAccess(
            loaded, try parts.pages(loaded), tally: outcomeTally, in: state, workers)
        )
      }
    }.get()
  }

  /// Reads the configuration again and puts it in force; one with an error changes nothing.
  private func reload() async {
    ServiceManager.notify([
      "RELOADING=1", "MONOTONIC_USEC=\(parts.time.monotonic.nanoseconds / 1000)", "STATUS=reloading",
    ])
    do {
      let (loaded, transport, access) = try await read()
      try await putInForce(loaded, transport, access)
      parts.log.write(
        LogEvent(.reloaded, "the configuration was reloaded and is in force").with(
          "sources", loaded.configuration.sources.count))
    } catch {
      parts.log.write(
        LogEvent(
          .configurationRefused,
          "reload failed; keeping the previous configuration: \(PrintableText.joiningLines("\(error)"))"))
    }
    ServiceManager.notify(["READY=1", "STATUS=\(await statusLine)"])
  }

  private func putInForce(
    _ loaded: LoadedConfiguration, _ transport: any Transport, _ access: OutcomeAccess?
  ) async throws {
    let old = context.settings.configuration
    var new = loaded.configuration
    if new.daemon.hasOtherDirectories(than: old.daemon) {
      parts.log.write(
        LogEvent(
          .configurationRefused,
          "SpoolDirectory=, StateDirectory= and RuntimeDirectory= change only by a restart",
          priority: .warning))
      new.daemon = old.daemon
    }
    guard let gate = context.settings.server?.gate else { return }
    context.settings.replace(
      new, server: Server(url: new.server.url, transport: transport, gate: gate), keyOrigin: loaded.keyOrigin,
      outcomes: access)
    try await outcomes.reconfigured(loaded.outcomeKeyFailure)
    await gate.reconfigured(new.server, key: loaded.key.fingerprint)
    logModes(new, before: old)
    try await register.follow(new)
    for work in await register.all { work.intake.rescan() }
  }
}

extension DaemonSettings {
  fileprivate func hasOtherDirectories(than other: DaemonSettings) -> Bool {
    spoolDirectory != other.spoolDirectory || stateDirectory != other.stateDirectory
      || runtimeDirectory != other.runtimeDirectory
  }
}

/// Sources whose first scan is waited for.
private final class WaitingSources: Sendable {
  private let state: Mutex<Set<SourceName>>

  init(_ names: [SourceName]) { state = Mutex(Set(names)) }

  var names: [SourceName] { state.withLock { $0.sorted() } }

  func remove(_ name: SourceName) { state.withLock { _ = $0.remove(name) } }
}
