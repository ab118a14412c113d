import ImportCore
import ImportRuntime
import ImportStorage

extension LiveService {
  private static let roomPause = Duration.seconds(10)

  /// Looks, while something keeps everything new from being taken, whether it is gone, and then has the drop directories
  /// looked at again. Sleeps without a tick while nothing does.
  func goOnWhenThereIsRoom() async throws {
    while true {
      try Task.checkCancellation()
      let seen = room.changes.version
      if await room.obstacle == nil {
        await room.changes.wait(after: seen)
        continue
      }
      try await parts.time.sleep(for: Self.roomPause)
      guard await room.hasRoom() else { continue }
      for work in await register.all { work.intake.rescan() }
    }
  }

  /// Looks with every rescan whether the journal's file is still in place; else only the next sync would find out.
  func watchJournal() async throws {
    while true {
      let seen = context.settings.changes.version
      let period = context.settings.configuration.sources.compactMap(\.rescan).min()
      await context.settings.changes.wait(
        after: seen, until: period.map { parts.time.monotonic.advanced(by: $0) } ?? .init(nanoseconds: .max),
        parts.time)
      try Task.checkCancellation()
      await context.journal.checkPlace()
    }
  }
}
