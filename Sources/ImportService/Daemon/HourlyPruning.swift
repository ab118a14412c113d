public import ImportCore
import ImportRuntime
import ImportStorage
public import ImportSystem

/// Retention while the daemon runs.
struct HourlyPruning: Sendable {
  let journal: Journal
  let settings: CurrentSettings
  let register: SourceRegister
  let fileSystem: FileSystem
  let workers: WorkerPool
  let time: any Time
  let log: any Log

  /// Applies the retention rules every hour. Without any it only waits for a configuration that has one.
  func run() async throws {
    while true {
      let seen = settings.changes.version
      let configuration = settings.configuration
      if configuration.sources.contains(where: \.removesSomething) {
        if try await isClockTrusted() {
          try await discardRejected(configuration)
          await prune(configuration)
        }
        let next = time.monotonic.advanced(by: .seconds(3600))
        await settings.changes.wait(after: seen, until: next, time)
      } else {
        await settings.changes.wait(after: seen)
      }
      try Task.checkCancellation()
    }
  }

  /// False after the clock has jumped ahead: then every set would look old.
  private func isClockTrusted() async throws -> Bool {
    let now = time.now
    var watch = journal.clock ?? ClockWatch(latest: min(journal.latestBefore ?? now, now))
    let verdict = watch.look(now: now, boot: BootID.current, uptime: time.monotonic.nanoseconds)
    try await journal.record(watch)
    guard case .doubted(let jump, let until) = verdict else { return true }
    log.write(
      LogEvent(
        .archivePruned, "pruning is postponed: the clock has jumped ahead by \(TimeSpan.text(jump))",
        priority: .warning
      ).with("next", until.rfc3339).with(
        "remedy", "set the clock if it is wrong; if it is right, 'haplo-importd prune' applies retention now")
    )
    return false
  }

  private func discardRejected(_ configuration: Configuration) async throws {
    let now = time.now
    for source in configuration.sources {
      guard let keep = source.rejectedKeep else { continue }
      let old = journal.deliveries { source.hasExpired($0, now: now) }
      for delivery in old {
        let event = DeliveryEvent.discarded(by: "RejectedKeepSec=\(TimeSpan.text(keep))")
        // A person may have decided since it was listed.
        do { try await register.decide(event, about: delivery.set) } catch JournalFailure.contradiction {}
      }
    }
  }

  private func prune(_ configuration: Configuration) async {
    let pruning = Pruning(configuration, fileSystem: fileSystem, now: time.now)
    do {
      let (sets, bytes) = try await workers.run { [log] in
        var (sets, bytes): (Int, Int64) = (0, 0)
        try pruning.run(dryRun: false) { obstacle in
          log.write(
            LogEvent(.inputOutputError, "cannot remove an expired folder or file; retried in an hour")
              .with("path", obstacle.path).with("reason", obstacle.reason))
        } found: { pruned in
          sets += 1
          bytes = bytes.addingReportingOverflow(pruned.size).partialValue
        }
        return (sets, bytes)
      }
      guard sets > 0 else { return }
      log.write(
        LogEvent(.archivePruned, "archived sets deleted by retention").with("sets", sets)
          .with("bytes", bytes))
    } catch {
      log.write(LogEvent(.inputOutputError, "the archive cannot be pruned").with("reason", "\(error)"))
    }
  }
}

extension SourceSettings {
  /// True if retention may remove something of this source.
  fileprivate var removesSomething: Bool { !retention.keepsAll || rejectedKeep != nil }
}

/// Finds rejected sets that are as old as `RejectedKeepSec=` lets them become. It changes nothing: they are discarded by
/// `discard`, through the journal.
public struct ExpiredRejections: Sendable {
  private let configuration: Configuration
  private let fileSystem: FileSystem
  private let now: Timestamp

  /// Takes the configuration with the limits; ages are measured at `now`.
  public init(_ configuration: Configuration, fileSystem: FileSystem, now: Timestamp) {
    self.configuration = configuration
    self.fileSystem = fileSystem
    self.now = now
  }

  /// Reads the journal, which may be that of a running daemon. Blocks.
  ///
  /// - Returns: The sets, in the order of their ids.
  /// - Throws: ``SpoolReports/Failure`` if the journal cannot be read.
  public func find() throws(SpoolReports.Failure) -> [PrunedSet] {
    let sources = configuration.sources.filter { $0.rejectedKeep != nil }
    if sources.isEmpty { return [] }
    let state = try SpoolReports.state(configuration, fileSystem: fileSystem)
    let expired = state.deliveries.values.filter { delivery in
      sources.contains { $0.hasExpired(delivery, now: now) }
    }
    return expired.map(\.set).sorted().map { set in
      let path = Spool.path(in: configuration.daemon.spoolDirectory, .rejected, of: set)
      return PrunedSet(set: set, path: path, size: size(of: path), part: .rejected)
    }
  }

  /// Bytes of the files below a folder, as far as they can be read.
  private func size(of path: String) -> Int64 {
    var size: Int64 = 0
    guard let folder = try? fileSystem.openDirectory("\(path)/\(Spool.filesName)") else { return 0 }
    try? TreeWalk(folder).visit(refused: { _ in }) { entry throws(SystemError) in
      if entry.status.kind == .regular { size = size.addingSaturated(entry.status.size) }
    }
    return size
  }
}

extension SourceSettings {
  /// True for a rejected set of this source that is as old as it may become.
  func hasExpired(_ delivery: Delivery, now: Timestamp) -> Bool {
    guard let rejectedKeep, delivery.source == name else { return false }
    return delivery.isRejected(for: rejectedKeep, now: now)
  }
}
