import ImportCore
import ImportSystem

extension LiveService {
  /// Removes every hour what the archive's retention no longer keeps. Without any retention it only waits for a
  /// configuration that has one.
  func pruneHourly() async throws {
    while true {
      let seen = context.settings.changes.version
      let configuration = context.settings.configuration
      if configuration.sources.contains(where: { !$0.retention.keepsAll }) {
        await prune(configuration)
        let next = parts.time.monotonic.advanced(by: .seconds(3600))
        await context.settings.changes.wait(after: seen, until: next, parts.time)
      } else {
        await context.settings.changes.wait(after: seen)
      }
      try Task.checkCancellation()
    }
  }

  private func prune(_ configuration: Configuration) async {
    let pruning = Pruning(configuration, fileSystem: context.spool.root.fileSystem, now: parts.time.now)
    do {
      let (sets, bytes) = try await context.workers.run {
        var (sets, bytes): (Int, Int64) = (0, 0)
        try pruning.run(dryRun: false) { pruned in
          sets += 1
          bytes = bytes.addingReportingOverflow(pruned.size).partialValue
        }
        return (sets, bytes)
      }
      guard sets > 0 else { return }
      parts.log.write(
        LogEvent(.archivePruned, "archived sets were removed, as the retention says").with("sets", sets)
          .with("bytes", bytes))
    } catch {
      parts.log.write(LogEvent(.inputOutputError, "the archive cannot be pruned").with("reason", "\(error)"))
    }
  }
}
