import ImportCore
import ImportRuntime
import ImportStorage

/// The line for people and for the service manager.
struct StatusLine: Sendable {
  let journal: Journal
  let room: RoomKeeper
  let time: any Time

  /// What is going on, in one line: what `systemctl status` shows.
  var text: String {
    get async {
      if let stop = journal.server.stop {
        return
          "delivery suspended (\(stop.cause.rawValue)): \(stop.reason.text); next attempt \(stop.next.rfc3339)"
      }
      if let obstacle = await room.obstacle { return "no sets are claimed: \(obstacle.summary)" }
      return Self.line(journal.counts(now: time.now))
    }
  }

  private static func line(_ states: [SetState: Int]) -> String {
    let words = [
      SetState.uploading, .scheduling, .scheduled, .claimed, .deferred, .awaitingApproval, .held, .rejected,
    ]
    .compactMap { state in states[state].map { "\($0) \(state.rawValue)" } }
    return words.isEmpty ? "idle: no sets are waiting" : words.joined(separator: ", ")
  }
}
