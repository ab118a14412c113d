import HaploAPI
import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem

/// Tells monitoring how things stand (`MetricsFile=`): after changes, at most every five seconds, and every minute.
/// Without the setting it costs nothing but the counting.
struct Metrics: Sendable {
  private static let shortestPause = Duration.seconds(5)
  private static let longestPause = Duration.seconds(60)

  private let context: CourierContext
  private let register: SourceRegister
  private let room: RoomKeeper
  private let directories: [(name: String, directory: Directory)]
  private let tally: ServerTally
  private let file: MetricsFile
  private let outcomeTally: OutcomeTally
  private let archive: ArchiveMemory
  private let started: Timestamp

  init(
    context: CourierContext, register: SourceRegister, room: RoomKeeper, state: Directory, tally: ServerTally,
    outcomeTally: OutcomeTally
  ) {
    self.context = context
    self.register = register
    self.room = room
    self.tally = tally
    self.outcomeTally = outcomeTally
    directories = [("spool", context.spool.root), ("state", state)]
    file = MetricsFile(context.spool.root.fileSystem, workers: context.workers, log: context.log)
    archive = ArchiveMemory(context.spool.root, workers: context.workers)
    started = context.time.now
  }

  /// Writes until the task is cancelled. Nothing is written before every drop directory has been looked at: until then
  /// the figures would be those of a daemon that watches nothing.
  func run() async throws {
    for work in await register.all { await work.intake.firstScanDone() }
    var written: String?
    while true {
      try Task.checkCancellation()
      let (settings, changes) = (context.settings.changes.version, context.journal.changes.version)
      let path = context.settings.configuration.daemon.metricsFile
      if let written, written != path { await file.remove(written) }
      written = path
      if let path {
        await file.write(await report(isRunning: true).text, to: path)
        try await context.time.sleep(for: Self.shortestPause)
        await waitForChange(settings: settings, journal: changes)
      } else {
        await context.settings.changes.wait(after: settings)
      }
    }
  }

  /// Writes a last time, when everything else has ended. The file stays: its figures still hold, and its age and
  /// `running` tell an alarm what the matter is.
  func end() async {
    guard let path = context.settings.configuration.daemon.metricsFile else { return }
    await file.write(await report(isRunning: false).text, to: path)
  }

  private func waitForChange(settings: UInt64, journal: UInt64) async {
    let deadline = context.time.monotonic.advanced(by: Self.longestPause - Self.shortestPause)
    await withTaskGroup { [context] group in
      group.addTask { await context.settings.changes.wait(after: settings) }
      group.addTask { await context.journal.changes.wait(after: journal) }
      group.addTask { try? await context.time.sleep(until: deadline) }
      await group.next()
      group.cancelAll()
    }
  }

  private func report(isRunning: Bool) async -> MetricsReport {
    let configuration = context.settings.configuration
    var intakes: [SourceName: Intake.Gauges] = [:]
    for work in await register.all { intakes[work.settings.name] = await work.intake.gauges }
    return MetricsReport(
      now: context.time.now, started: started, isRunning: isRunning, configuration: configuration,
      state: context.journal.current, journalBytes: await context.journal.length,
      tally: context.journal.tally,
      archived: await archive.lastScheduled(of: configuration.sources.map(\.name)),
      requests: tally.current, readsOutcomes: context.settings.configuration.server.outcomeKeyFile != nil,
      outcomeRequests: outcomeTally.current, trouble: await context.settings.server?.gate.trouble,
      clientCertificateExpiry: await context.workers.run { configuration.clientCertificateExpiry() },
      room: await rooms(), isDiskFull: await room.obstacle?.isFull ?? false, intakes: intakes,
      notices: await context.workers.run { [notices = context.notices] in notices.count })
  }

  private func rooms() async -> [MetricsReport.Room] {
    let directories = directories
    return await context.workers.run {
      directories.compactMap { name, directory in
        guard let room = try? directory.room() else { return nil }
        return MetricsReport.Room(directory: name, bytes: room.bytes, inodes: room.inodes)
      }
    }
  }
}

/// Remembers what the archive tells of the time before this program started, and asks it once for each source.
private actor ArchiveMemory {
  private let walk: ArchiveWalk
  private let workers: WorkerPool
  private var known: [SourceName: Timestamp] = [:]
  private var asked: Set<SourceName> = []

  init(_ spool: Directory, workers: WorkerPool) {
    walk = ArchiveWalk(spool: spool.path, fileSystem: spool.fileSystem)
    self.workers = workers
  }

  /// When the newest archived set of each source was scheduled; a source without any is left out.
  func lastScheduled(of sources: [SourceName]) async -> [SourceName: Timestamp] {
    for source in sources where asked.insert(source).inserted {
      known[source] = await workers.run { [walk] in (try? walk.lastScheduled(of: source)) ?? nil }
    }
    return known
  }
}
