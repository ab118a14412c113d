public import ImportCore
import ImportRuntime
import ImportSystem

/// Explains what is in a drop directory while no daemon runs, by looking once. How long something has been quiet
/// cannot be told from one look, so that counts from now.
public struct OfflineExplanation: Sendable {
  private let configuration: Configuration

  /// Takes the configuration that names the drop directories.
  public init(_ configuration: Configuration) { self.configuration = configuration }

  /// Says why `path` has not been picked up, or as which set it was. `name` is what a person typed: if the path is in no drop
  /// directory, it may be the name of something there.
  ///
  /// - Throws: ``SpoolReports/Failure`` if the path is in no drop directory, or the journal cannot be read.
  public func explain(_ path: String, named name: String?) async throws -> Explanation {
    try await DropPath.explanation(path, name, configuration) { try await explain($0) }
  }

  /// Nil for a path in no drop directory.
  private func explain(_ path: String) async throws -> Explanation? {
    for source in configuration.sources {
      if DropPath.isDirectory(source.directory, path) {
        do {
          return Explanation(
            directory: path, await (try look(source)).overview,
            blockedBy: [stop(of: source.name), shortage?.advice].compactMap(\.self),
            complete: "complete, picked up as soon as the daemon runs")
        } catch {
          return Explanation(outcome: "cannot-be-taken", source: source.name.text, findings: ["\(error)"])
        }
      }
      guard let inside = DropPath.inside(source.directory, path) else { continue }
      let explanation: Explanation
      do {
        explanation = Explanation(try await look(source).explain(inside), source: source.name)
      } catch {
        return Explanation(outcome: "cannot-be-taken", source: source.name.text, findings: ["\(error)"])
      }
      guard explanation.outcome == "absent" else {
        return explanation.whileStopped(stop(of: source.name), inside).whileBlocked(shortage?.advice, inside)
      }
      let top = String(inside.prefix { $0 != "/" })
      return try reports().picked(top, from: source.name).map { .picked(path, $0) } ?? explanation
    }
    return nil
  }

  /// The obstacle that keeps the daemon from claiming sets once it runs, as far as it can be told from outside.
  private var shortage: RoomKeeper.Obstacle? {
    let fileSystem = FileSystem()
    let places = [configuration.daemon.spoolDirectory, configuration.daemon.stateDirectory]
    return RoomKeeper.shortage(
      places.compactMap { try? fileSystem.openDirectory($0) }, configuration.daemon.minFreeSpace)
  }

  /// Why no sets of a source are claimed, by the journal. Nil also for a user who may not read the journal: the directory is
  /// explained all the same.
  private func stop(of source: SourceName) -> String? {
    try? reports().journal.stop(source)
  }

  private func reports() throws -> SpoolReports {
    let fileSystem = FileSystem()
    return SpoolReports(
      configuration, try SpoolReports.state(configuration, fileSystem: fileSystem), fileSystem: fileSystem,
      now: SystemTime().now)
  }

  private func look(_ source: SourceSettings) async throws -> Intake {
    // Who looks once waits for no events.
    let events = try EventThread(name: "haplo-events") { _ in }
    let intake = Intake(
      source: DropSource(source), fileSystem: FileSystem(),
      workers: try WorkerPool(name: "haplo-worker", threads: 1), events: events, time: SystemTime(),
      log: NoLog(), claimer: NoClaimer())
    await intake.examine()
    return intake
  }
}

/// Says nothing: whoever explains prints the answer itself.
private struct NoLog: Log {
  func write(_ event: LogEvent) {}
}

/// Takes nothing: only the daemon does.
private struct NoClaimer: SetClaiming {
  func claim(_ sets: [CompleteSet], from source: SourceName) async -> [String] { [] }
  func refuse(_ drop: RefusedDrop, from source: SourceName) async {}
}
