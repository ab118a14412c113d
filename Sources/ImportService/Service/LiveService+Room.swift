import ImportCore

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
}
