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

  private let journal: Journal
  private let settings: CurrentSettings
  private let time: any Time
  private let workers: WorkerPool
  private let notices: NoticeBoard
  private let register: SourceRegister
  private let room: RoomKeeper
  private let directories: [(name: String, directory: Directory)]
  private let tally: ServerTally
  private let file: MetricsFile
  private let outcomeTally: OutcomeTally
  private let archive: ArchiveMemory
  private let started: Timestamp

  init(
    recorder: SetRecorder, settings: CurrentSettings, time: any Time, workers: WorkerPool,
    notices: NoticeBoard, register: SourceRegister, room: RoomKeeper, state: Directory, tally: ServerTally,
    outcomeTally: OutcomeTally
  ) {
    journal = recorder.journal
    self.settings = settings
    self.time = time
    self.workers = workers
    self.notices = notices
    self.register = register
    self.room = room
    self.tally = tally
    self.outcomeTally = outcomeTally
    let spool = recorder.spool.root
    directories = [("spool", spool), ("state", state)]
    file = MetricsFile(spool.fileSystem, workers: workers, log: recorder.log)
    archive = ArchiveMemory(spool, workers: workers)
    started = time.now
  }

  /// Writes until the task is cancelled. Nothing is written before every drop directory has been looked at: until then
  /// the figures would be those of a daemon that watches nothing.
  func run() async throws {
    for work in await register.all { await work.intake.firstScanDone() }
    var written: String?
    while true {
      try Task.checkCancellation()
      let seen = (settings: settings.changes.version, journal: journal.changes.version)
      let path = settings.configuration.daemon.metricsFile
      if let written, written != path { await file.remove(written) }
      written = path
      if let path {
        await file.write(await report(isRunning: true).text, to: path)
        try await time.sleep(for: Self.shortestPause)
        await waitForChange(after: seen)
      } else {
        await settings.changes.wait(after: seen.settings)
      }
    }
  }

  /// Writes a last time, when everything else has ended. The file stays: its figures still hold, and its age and
  /// `running` tell an alarm what the matter is.
  func end() async {
    guard let path = settings.configuration.daemon.metricsFile else { return }
    await file.write(await report(isRunning: false).text, to: path)
  }

  private func waitForChange(after seen: (settings: UInt64, journal: UInt64)) async {
    let deadline = time.monotonic.advanced(by: Self.longestPause - Self.shortestPause)
    await withTaskGroup { [settings, journal, time] group in
      group.addTask { await settings.changes.wait(after: seen.settings) }
      group.addTask { await journal.changes.wait(after: seen.journal) }
      group.addTask { try? await time.sleep(until: deadline) }
      await group.next()
      group.cancelAll()
    }
  }

  private func report(isRunning: Bool) async -> MetricsReport {
    let configuration = settings.configuration
    var intakes: [SourceName: Intake.Gauges] = [:]
    for work in await register.all { intakes[work.settings.name] = await work.intake.gauges }
    return MetricsReport(
      now: time.now, started: started, isRunning: isRunning, configuration: configuration,
      state: journal.current, journalBytes: await journal.length, tally: journal.tally,
      archived: await archive.lastScheduled(of: configuration.sources.map(\.name)), requests: tally.current,
      readsOutcomes: settings.configuration.server.outcomeKeyFile != nil,
      outcomeRequests: outcomeTally.current, breaker: await settings.server?.gate.current,
      trouble: await settings.server?.gate.trouble,
      clientCertificateExpiry: await workers.run { configuration.clientCertificateExpiry() },
      room: await rooms(), isDiskFull: await room.obstacle?.isFull ?? false, intakes: intakes,
      notices: await workers.run { [notices] in notices.count })
  }

  private func rooms() async -> [MetricsReport.Room] {
    let directories = directories
    return await workers.run {
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
