import Glibc
import ImportCore
public import ImportRuntime
import ImportStorage
import ImportSystem

/// The daemon as a whole: makes its parts, brings journal and spool together, and runs everything as children of one
/// task until a signal comes or the journal fails.
public struct Service: Sendable {
  /// How long it works.
  public enum Purpose: Sendable {
    /// Until it is told to end.
    case daemon
    /// Until nothing more can be done now.
    case once
  }

  private let parts: ServiceParts
  private let purpose: Purpose
  private let signals: SignalInbox?

  /// Takes the parts. `signals` is nil in tests, where cancelling the task ends the service.
  public init(_ parts: ServiceParts, purpose: Purpose, signals: SignalInbox?) {
    self.parts = parts
    self.purpose = purpose
    self.signals = signals
  }

  /// Starts, works and ends. Throws what kept it from starting or from going on; returns how things stood at the end.
  public func run() async throws -> ServiceSummary {
    let loaded = try parts.load()
    let core = try ServiceCore(loaded.configuration, parts.fileSystem)
    let journal: Journal
    do throws(JournalFailure) {
      journal = try Journal(in: core.state, with: core.spool, time: parts.time, log: parts.log)
    } catch {
      throw ServiceFailure.journal(error)
    }
    let live = try await LiveService(parts, loaded, core, journal)
    let summary = try await work(live, loaded)
    withExtendedLifetime(core) {}
    return summary
  }

  private func work(_ live: LiveService, _ loaded: LoadedConfiguration) async throws -> ServiceSummary {
    signals?.listen(on: live.events)
    defer {
      signals?.stopListening(on: live.events)
      ServiceManager.finish()
    }
    do {
      try await runTasks(live, loaded)
    } catch {
      try? await live.journal.close()  // what was done is to be known by the next start
      throw error
    }
    ServiceManager.notify(["STOPPING=1", "STATUS=stopping"])
    await live.metrics.end()
    try await live.journal.close()
    return try await live.summary()
  }

  private func runTasks(_ live: LiveService, _ loaded: LoadedConfiguration) async throws {
    try await live.outcomes.begin(loaded.outcomeKeyFailure)
    await live.register.resume(try await live.recovery.run())
    live.reload.logModes(loaded.configuration)
    if purpose == .daemon { await live.logStop() }
    try await live.register.follow(loaded.configuration)
    let end = try await untilFinished { group in
      group.addTask { try await live.ending.wait() }
      group.addTask { await live.journal.stopWaitingForRoomAtEnd() }
      group.addTask { try await live.journal.failing() }
      group.addTask { try await live.heartbeat.run(parts.log) }
      group.addTask { try await live.register.run() }
      group.addTask { try await serveSignals(live) }
      group.addTask { try await live.reload.run() }
      group.addTask { try await live.announcement.run() }
      group.addTask { try await live.metrics.run() }
      if purpose == .daemon {
        group.addTask { try await live.pruning.run() }
        group.addTask { try await live.watchJournal() }
        group.addTask { try await live.goOnWhenThereIsRoom() }
        group.addTask { try await live.alarms.runOnceSettled() }
        group.addTask { try await live.outcomes.run() }
      }
      if let socket = live.socket { group.addTask { await socket.run() } }
      if purpose == .once { group.addTask { try await live.once.workUntilDone() } }
    }
    if end == .done {
      // A call that was under way has had its answer meanwhile.
      try await untilFinished { group in
        group.addTask { try await live.ending.wait() }
        group.addTask { try await live.journal.failing() }
        group.addTask { try await serveSignals(live) }
        group.addTask { try await live.once.finish() }
      }
    }
  }

  private func serveSignals(_ live: LiveService) async throws {
    guard let signals else { return }
    while let signal = await signals.next() {
      guard signal == SIGHUP else {
        parts.log.write(
          LogEvent(.stopping, "shutting down: aborting uploads, waiting up to 15 s for a schedule call"))
        throw Finished.told
      }
      live.reload.requests.signal()
    }
  }

  /// Runs tasks side by side until one of them says that the service is finished, and how; nil if its task was cancelled,
  /// as tests end it.
  @discardableResult
  private func untilFinished(
    _ addTasks: (inout ThrowingTaskGroup<Void, any Error>) -> Void
  ) async throws -> Finished? {
    do {
      try await withThrowingTaskGroup { group in
        addTasks(&group)
        while try await group.next() != nil {}
      }
    } catch is CancellationError {
    } catch let finished as Finished {
      return finished
    }
    return nil
  }
}

/// Ends the service in an orderly way.
enum Finished: Error {
  /// Somebody said so.
  case told
  /// Nothing more can be done now.
  case done
}
