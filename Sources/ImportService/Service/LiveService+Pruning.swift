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
      let pruned = try await context.workers.run { () throws(SystemError) in try pruning.run(dryRun: false) }
      guard !pruned.isEmpty else { return }
      parts.log.write(
        LogEvent(.archivePruned, "archived sets were removed, as the retention says").with(
          "sets", pruned.count
        )
        .with("bytes", pruned.reduce(0) { $0 + $1.size }))
    } catch {
      parts.log.write(LogEvent(.inputOutputError, "the archive cannot be pruned").with("reason", error))
    }
  }
}
