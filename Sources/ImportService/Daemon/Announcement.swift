import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem
import Synchronization

/// The messages to the service manager while the service runs.
struct Announcement: Sendable {
  let journal: Journal
  let settings: CurrentSettings
  let register: SourceRegister
  let room: RoomKeeper
  let statusLine: StatusLine
  let time: any Time
  let log: any Log

  /// Tells the service manager that everything that was there at start has been looked at, and from then on in one
  /// line what is going on, whenever that has changed.
  func run() async throws {
    await waitForFirstScans()
    // Found at start, a second daemon is a mistake of the configuration; found later, the source waits for it to end.
    for work in await register.all { if let rival = await work.intake.rival { throw rival } }
    try Task.checkCancellation()
    _ = await room.hasRoom()
    let sources = await register.all.count
    log.write(
      LogEvent(.started, "haplo-importd \(Version.text) has started").with("sources", sources)
        .with("server", settings.configuration.server.url)
        .with("waiting", journal.waiting))
    ServiceManager.notify(["READY=1", "STATUS=\(await statusLine.text)"])
    guard ServiceManager.isPresent else { return }
    var last = ""
    while true {
      let seen = journal.changes.version
      let line = await statusLine.text
      if line != last { ServiceManager.notify(["STATUS=\(line)"]) }
      last = line
      await journal.changes.wait(after: seen)
      try await time.sleep(for: .milliseconds(250))  // many changes at once are one line
    }
  }

  /// How long the start waits for drop directories that do not answer.
  private static let patience = Duration.seconds(10)

  /// Waits until every drop directory has been scanned, but not for one that hangs: only its own source waits for it.
  private func waitForFirstScans() async {
    let works = await register.all
    let waiting = WaitingSources(works.map(\.settings.name))
    let (time, patience) = (time, Self.patience)
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
      log.write(
        LogEvent(.workStuck, "the drop directory does not answer; other sources are not delayed")
          .with("source", name)
          .with("for", "\(Int(Self.patience.inSeconds))s"))
    }
  }
}

/// Sources whose first scan is waited for.
private final class WaitingSources: Sendable {
  private let state: Mutex<Set<SourceName>>

  init(_ names: [SourceName]) { state = Mutex(Set(names)) }

  var names: [SourceName] { state.withLock { $0.sorted() } }

  func remove(_ name: SourceName) { state.withLock { _ = $0.remove(name) } }
}

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
    ].compactMap { state in states[state].map { "\($0) \(state.rawValue)" } }
    return words.isEmpty ? "idle: no sets are waiting" : words.joined(separator: ", ")
  }
}
