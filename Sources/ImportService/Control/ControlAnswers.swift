import Glibc
import HaploAPI
import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem

/// Answers requests inside the running daemon: what the disk says, and what only the daemon knows. Reading the archive has a
/// worker of its own, so that neither hashing delays it nor it delays deliveries.
struct ControlAnswers: Sendable {
  private let recorder: SetRecorder
  private let settings: CurrentSettings
  private let time: any Time
  private let heartbeat: Heartbeat
  private let running: RunningUploads
  private let obstacles: SetObstacles
  private let register: SourceRegister
  private let room: RoomKeeper
  private let started: Timestamp
  private let readers: WorkerPool

  init(
    recorder: SetRecorder, settings: CurrentSettings, time: any Time, heartbeat: Heartbeat,
    running: RunningUploads, obstacles: SetObstacles, register: SourceRegister, room: RoomKeeper
  ) throws(SystemError) {
    self.recorder = recorder
    self.settings = settings
    self.time = time
    self.heartbeat = heartbeat
    self.running = running
    self.obstacles = obstacles
    self.register = register
    self.room = room
    started = time.now
    readers = try WorkerPool(name: "haplo-reports", threads: 2)
  }

  /// Answers one request line with one reply line.
  func answer(_ request: [UInt8], _ person: String) async -> [UInt8] {
    guard let request = ControlCoding.decode(ControlRequest.self, request) else {
      return ControlCoding.encode(
        ControlReply.failed("the request is not understood: is another version installed?"))
    }
    return ControlCoding.encode(await reply(to: request, person))
  }

  private func reply(to request: ControlRequest, _ person: String) async -> ControlReply {
    do {
      switch request {
      case .status: return .status(await status())
      case .list(let selection, let cursor):
        return .sets(
          try await onDisk { reports throws(SpoolReports.Failure) in try reports.list(selection, cursor) })
      case .show(let prefix):
        return .shown(try await onDisk { reports throws(SpoolReports.Failure) in try reports.show(prefix) })
      case .last(let source):
        return .shown(
          try await onDisk { reports throws(SpoolReports.Failure) in try reports.last(of: source) })
      case .explain(let path, let name):
        return .explained(
          try await DropPath.explanation(path, name, settings.configuration) { path in
            try await explain(path)
          })
      case .decide(let decision, let sets):
        return .decided(try await decisions.decide(decision, about: sets, by: person))
      case .pause(let sources): return .decided(try await controls.pause(sources, by: person))
      case .resume(let sources): return .decided(try await controls.resume(sources, by: person))
      case .reconcile: return .decided(try await reconciliation.assumeNew(by: person))
      case .compareWithServer(let dryRun):
        return .decided(try await serverReconciliation.run(dryRun: dryRun, by: person))
      }
    } catch SpoolReports.Failure.notFound(let text) {
      return .notFound(text)
    } catch {
      return .failed("\(error)")
    }
  }

  private var journal: Journal { recorder.journal }

  private var reports: SpoolReports {
    SpoolReports(
      settings.configuration, journal, fileSystem: recorder.spool.root.fileSystem,
      now: time.now, obstacles: obstacles)
  }

  private var decisions: Decisions {
    Decisions(
      journal: journal, spool: recorder.spool, workers: readers, reports: reports,
      time: time, record: { [register] in try await register.decide($0, about: $1) })
  }

  private var controls: SourceControls {
    SourceControls(journal: journal, configuration: settings.configuration, log: recorder.log) {
      [register] control, source in try await register.setControl(control, of: source)
    }
  }

  private var reconciliation: Reconciliation {
    Reconciliation(journal: journal, log: recorder.log) { [register] person in
      try await register.reconcile(by: person)
    }
  }

  private var serverReconciliation: ServerReconciliation {
    ServerReconciliation(
      journal: journal, configuration: settings.configuration, log: recorder.log,
      pages: settings.outcomes?.pages, isDaemonDown: false,
      record: { [register] event, set in try await register.decide(event, about: set) },
      follow: { [journal] job in try await journal.record(.outcomeOpened(job)) },
      resume: { [register] person in try await register.reconcile(by: person) }, time: time)
  }

  private func onDisk<Value: Sendable>(
    _ body: @escaping @Sendable (SpoolReports) throws(SpoolReports.Failure) -> Value
  ) async throws -> Value {
    let reports = reports
    return try await readers.run { () throws(SpoolReports.Failure) in try body(reports) }
  }

  private func status() async -> StatusReport {
    let running = running.current
    _ = await room.hasRoom()
    let obstacle = await room.obstacle
    let journal = journal.current
    let daemon = StatusReport.Daemon(
      state: "running", version: Version.text, process: getpid(), since: started.rfc3339,
      isDiskFull: obstacle?.isFull ?? false, isJournalOutdated: journal.outdated != nil,
      obstacle: journal.outdated.map { "\($0.text); \(OutdatedJournal.remedy)" } ?? obstacle?.advice,
      bytesSent: running.bytesSent)
    var report = StatusReport(settings.configuration, journal, daemon: daemon, now: time.now)
    report.uploads = running.uploads.map { upload in
      .init(upload, journal.deliveries[upload.set], now: time.monotonic)
    }
    for work in await register.all {
      guard let index = report.sources.firstIndex(where: { $0.source == work.settings.name.text }) else {
        continue
      }
      report.sources[index].add(await work.intake.overview)
      report.sources[index].keepIncoming(
        because: journal.outdated.map { _ in OutdatedJournal.summary } ?? obstacle?.summary)
    }
    let gate = settings.server?.gate
    let server = await gate?.current ?? journal.server
    report.server = StatusReport.Server(
      settings.configuration.server.url, stop: server.stop, isProven: server.isProven,
      trouble: await gate?.trouble)
    if server.stop?.cause == .keyRefused { report.server.remedy = settings.keyRemedy }
    report.outcomes = StatusReport.Outcomes(
      isOn: settings.configuration.server.outcomeKeyFile != nil, journal.outcomes)
    let gone = try? await onDisk { reports throws(SpoolReports.Failure) in reports.setsWithoutFolder() }
    report.add(folderGone: gone ?? [])
    let obstructed = Attention.obstructed(obstacles.all)
    let configuration = settings.configuration
    let certificates = Attention.certificates(
      server: settings.server?.transport.certificateExpiry,
      client: await readers.run { configuration.clientCertificateExpiry() }, now: time.now)
    report.updateAttention(
      unit: ServiceUnit(settings.configuration).name,
      with: heartbeat.stuckWork.map(Attention.init(stuck:)) + obstructed + certificates)
    return report
  }

  /// Nil for a path in no drop directory.
  private func explain(_ path: String) async throws -> Explanation? {
    _ = await room.hasRoom()
    let obstacle = await room.obstacle
    for work in await register.all {
      let name = work.settings.name
      if DropPath.isDirectory(work.settings.directory, path) {
        return Explanation(
          directory: path, await work.intake.overview,
          blockedBy: [reports.journal.stop(name), obstacle?.advice].compactMap(\.self))
      }
      guard let inside = DropPath.inside(work.settings.directory, path) else { continue }
      var explanation = Explanation(await work.intake.explain(inside), source: name)
      if explanation.outcome == "absent" {
        let top = String(inside.prefix { $0 != "/" })
        let set = try await onDisk { reports throws(SpoolReports.Failure) in
          try reports.picked(top, from: name)
        }
        if let set { explanation = .picked(path, set) }
      }
      return explanation.whileStopped(reports.journal.stop(name), inside)
        .whileBlocked(obstacle?.advice, inside)
    }
    return nil
  }
}

extension Explanation {
  /// Says which set was picked up under this path.
  static func picked(_ path: String, _ set: SetReport) -> Explanation {
    Explanation(
      outcome: "taken", source: set.source.text,
      findings: [
        "\(path): picked up as set \(set.set), which is \(set.state.rawValue); see 'haplo-importd show \(set.set)'"
      ])
  }

  init(_ explanation: IntakeExplanation, source: SourceName) {
    let outcome =
      switch explanation.outcome {
      case .absent: "absent"
      case .ready: "ready"
      case .waiting: "waiting"
      case .cannotBeTaken: "cannot-be-taken"
      }
    self.init(outcome: outcome, source: source.text, findings: explanation.findings.map(\.line))
  }
}

extension Explanation {
  /// While its source is stopped, that is what anything waits for; whether it is complete shows when the source goes on.
  func whileStopped(_ reason: String?, _ path: String) -> Explanation {
    guard let reason, ["ready", "waiting"].contains(outcome) else { return self }
    return Explanation(
      outcome: "waiting", source: source, findings: ["\(path): nothing is picked up: \(reason)"])
  }

  /// While no sets of any source are claimed, a complete one waits for that.
  func whileBlocked(_ obstacle: String?, _ path: String) -> Explanation {
    guard let obstacle, ["ready", "waiting"].contains(outcome) else { return self }
    return Explanation(outcome: "waiting", source: source, findings: findings + ["\(path): \(obstacle)"])
  }

  /// A drop directory: why no set in it is picked up, and the sets that wait in it, with their reasons.
  init(
    directory: String, _ overview: IntakeOverview, blockedBy obstacles: [String],
    complete ready: String = "complete, about to be picked up"
  ) {
    let findings = overview.incoming.flatMap(\.findings)
    let rest = overview.incomingCount - overview.incoming.count
    let complete = obstacles.isEmpty ? ready : "complete, not picked up"
    let lines =
      overview.incoming.flatMap { item in
        item.findings.isEmpty ? ["\(item.path): \(complete)"] : item.findings.map(\.line)
      } + (rest > 0 ? ["and \(rest) more"] : [])
    let isWaiting = !findings.isEmpty || !obstacles.isEmpty
    self.init(
      outcome: findings.contains(where: \.isFinal) ? "cannot-be-taken" : isWaiting ? "waiting" : "ready",
      source: overview.source.text,
      findings: obstacles.map { "\(directory): nothing is picked up: \($0)" }
        + (lines.isEmpty
          ? ["\(directory): the drop directory of source \(overview.source); nothing in it waits"] : lines))
  }
}

extension StatusReport.Source {
  /// While a source is stopped, that is what everything incoming waits for; while no sets of any source are claimed because of
  /// `obstacle`, what is complete waits for that.
  mutating func keepIncoming(because obstacle: String?) {
    for index in incoming.indices {
      if stopped != nil {
        incoming[index].findings = ["the source is paused or halted"]
      } else if let obstacle, incoming[index].findings.isEmpty {
        incoming[index].findings = ["complete, not picked up: \(obstacle)"]
      }
    }
  }
}

extension StatusReport.Upload {
  /// Describes a file on its way, and how far its set is.
  init(_ upload: RunningUploads.Upload, _ delivery: Delivery?, now: MonotonicInstant) {
    let files = delivery?.manifest?.files ?? []
    var onServer: [String] = []
    if case .uploading(_, let uploaded)? = delivery?.stage { onServer = uploaded }
    let sent = upload.sent
    func size(_ entries: [Manifest.Entry]) -> Int64 {
      entries.reduce(0) { $0.addingSaturated($1.content.size) }
    }
    let before = size(files.filter { onServer.containsExactly($0.key) })
    let isData = files.contains { ExactText($0.content.file) == ExactText(upload.file) }
    self.init(
      set: upload.set.text, source: upload.set.source.text, file: upload.file, sent: sent, size: upload.size,
      seconds: now.since(upload.begun).inSeconds, setSent: before.addingSaturated(isData ? sent : 0),
      setSize: size(files), filesSent: onServer.count, files: files.count)
  }
}

extension StatusReport.Source {
  /// Adds what only the running daemon knows.
  mutating func add(_ overview: IntakeOverview) {
    switch overview.mode {
    case .watched: watch = "watched"
    case .polled(let why): (watch, watchReason) = ("polled", why)
    case .lost(let why): (watch, watchReason) = ("lost", why)
    }
    incomingCount = overview.incomingCount
    incoming = overview.incoming.map { item in
      StatusReport.Incoming(
        path: item.path, findings: item.findings.prefix(5).map(\.line),
        waitingSeconds: item.waiting?.inSeconds, isOverdue: item.isOverdue,
        isUnusable: item.findings.contains(where: \.isFinal), isComplete: item.findings.isEmpty)
    }
  }
}
