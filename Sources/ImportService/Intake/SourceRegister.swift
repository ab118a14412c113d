import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem

/// The sources that are watched, and the lines in which their sets wait: kept in step with the configuration.
///
/// Domain: an actor; its state changes between suspensions only.
actor SourceRegister {
  private let tools: CourierTools
  private let fileSystem: FileSystem
  private let events: EventThread
  private let room: RoomKeeper
  private let ending: Ending
  private let locks: ServiceLocks
  private let changes = Latch()
  private var works: [SourceName: SourceWork] = [:]
  private var lines: [SourceName: DeliveryLine] = [:]
  private var worksToStart: [SourceWork] = []
  private var linesToStart: [DeliveryLine] = []

  init(
    tools: CourierTools, fileSystem: FileSystem, events: EventThread, room: RoomKeeper, ending: Ending,
    locks: ServiceLocks
  ) {
    self.tools = tools
    self.fileSystem = fileSystem
    self.events = events
    self.room = room
    self.ending = ending
    self.locks = locks
  }

  /// All sources that are watched.
  var all: [SourceWork] { works.values.sorted { $0.settings.name < $1.settings.name } }

  /// Records what a person decided about a set, and goes on from there.
  func decide(_ event: DeliveryEvent, about set: SetID) async throws {
    let line = line(of: set.source)
    try await line.decide(event, about: set)
    try await line.releaseHalt(of: set)
    works[set.source]?.intake.rescan()
  }

  /// Pauses a source, or lets it go on.
  func setControl(_ control: SourceControl, of source: SourceName) async throws {
    try await line(of: source).setControl(control)
    if control.isDefault { works[source]?.intake.rescan() }
  }

  /// Records that an outdated journal is to be gone by, and goes on.
  func reconcile(by person: String) async throws {
    try await tools.recorder.journal.recordReconciliation(by: person)
    for line in lines.values { line.stopChanged() }
    for work in works.values { work.intake.rescan() }
  }

  /// True if a set is being worked on or will be, as far as its line knows.
  func mayBegin(_ set: SetID) async -> Bool { await lines[set.source]?.mayBegin(set) ?? false }

  /// True if a set that waits may begin as soon as another one, which is done with, has given its place to it.
  var isGivingPlace: Bool {
    get async {
      for line in lines.values where await line.isGivingPlace { return true }
      return false
    }
  }

  /// Delivers a set when ``run()`` has ended.
  func deliver(_ set: SetID) async throws {
    try await line(of: set.source).courier(set).deliver()
  }

  /// Hands over what a journal left to be done.
  func resume(_ sets: [SetID]) async {
    for (source, own) in Dictionary(grouping: sets, by: \.source) { await line(of: source).add(own) }
  }

  /// Begins to watch what is configured now, and stops watching what is not, or not in the same way.
  func follow(_ configuration: Configuration) throws(SystemError) {
    for settings in configuration.sources where works[settings.name]?.settings != settings {
      works[settings.name]?.stop()
      let work = try makeWork(settings)
      works[settings.name] = work
      worksToStart.append(work)
    }
    let names = Set(configuration.sources.map(\.name))
    for name in works.keys where !names.contains(name) { works.removeValue(forKey: name)?.stop() }
    changes.signal()
  }

  /// Watches and delivers until the task is cancelled, or the journal fails.
  func run() async throws {
    try await withThrowingDiscardingTaskGroup { group in
      while true {
        try Task.checkCancellation()
        let seen = changes.version
        for work in worksToStart { group.addTask { await work.run() } }
        for line in linesToStart { group.addTask { try await line.run() } }
        (worksToStart, linesToStart) = ([], [])
        await changes.wait(after: seen)
      }
    }
  }

  /// The line of a source's sets; it is made when it is first asked for.
  func line(of source: SourceName) -> DeliveryLine {
    if let line = lines[source] { return line }
    let line = DeliveryLine(source: source, tools: tools, ending: ending)
    lines[source] = line
    linesToStart.append(line)
    changes.signal()
    return line
  }

  /// Each source has a thread of its own for its drop directory: one on a file system that hangs holds up no other.
  private func makeWork(_ settings: SourceSettings) throws(SystemError) -> SourceWork {
    let workers = try WorkerPool(name: "in-\(settings.name)", threads: 1)
    let claimer = Claimer(
      recorder: tools.recorder, blocking: tools.blocking, line: line(of: settings.name), room: room,
      ending: ending)
    let intake = Intake(
      source: DropSource(settings), fileSystem: fileSystem, workers: workers, events: events,
      time: tools.time, log: tools.recorder.log, claimer: claimer, locks: locks)
    return SourceWork(settings: settings, intake: intake)
  }
}

/// Everything that belongs to one source while the service runs.
final class SourceWork: Sendable {
  let settings: SourceSettings
  let intake: Intake
  private let stopping = Latch()

  init(settings: SourceSettings, intake: Intake) {
    self.settings = settings
    self.intake = intake
  }

  /// Nanoseconds that the end waits for a drop directory that does not answer.
  private static let patience: Int64 = 2_000_000_000

  /// Watches the drop directory until ``stop()`` or cancellation. If the directory hangs then, its thread is left alone.
  func run() async {
    let ended = Latch()
    let work = Task {
      await intake.run()
      ended.signal()
    }
    await withTaskGroup { group in
      group.addTask { await ended.wait(after: 0) }
      group.addTask { await self.stopping.wait(after: 0) }
      await group.next()
      group.cancelAll()
    }
    work.cancel()
    // A task of its own, for this one may have been cancelled, and would not wait.
    await Task {
      await withTaskGroup { group in
        group.addTask { await ended.wait(after: 0) }
        group.addTask { await TimerThread.shared.sleep(until: TimerThread.now + Self.patience) }
        await group.next()
        group.cancelAll()
      }
    }.value
  }

  /// Ends ``run()``.
  func stop() { stopping.signal() }
}
