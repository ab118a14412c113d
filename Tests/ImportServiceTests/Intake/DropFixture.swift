import Glibc
import ImportCore
import ImportRuntime
import ImportService
import ImportSystem
import Synchronization
import Testing

/// What a recording taker was asked.
enum TakerCall: Sendable {
  case take([CompleteSet])
  case refuse(RefusedDrop)

  var sets: [CompleteSet]? { if case .take(let sets) = self { sets } else { nil } }
  var refusal: RefusedDrop? { if case .refuse(let drop) = self { drop } else { nil } }
}

/// Moves what it is offered out of the drop directory, or leaves it there, and tells the test.
final class RecordingTaker: SetClaiming {
  let calls = Mailbox<TakerCall>()
  private let work: String
  private let count = Atomic<Int>(0)
  /// Called before anything is moved; false leaves the sets where they are.
  private let prepare: @Sendable () -> Bool
  /// Called after everything is moved, before the intake goes on.
  private let finish: @Sendable () -> Void
  /// True if it says of sets that are left that their claims were withdrawn.
  private let withdraws: Bool

  init(
    work: String, withdraws: Bool = false, prepare: @escaping @Sendable () -> Bool,
    finish: @escaping @Sendable () -> Void
  ) {
    self.withdraws = withdraws
    self.work = work
    self.prepare = prepare
    self.finish = finish
  }

  func claim(_ sets: [CompleteSet], from source: SourceName) async -> [String] {
    let isTaken = prepare()
    if isTaken { for set in sets { move(set.claim) } }
    finish()
    calls.put(.take(sets))
    return isTaken || !withdraws ? [] : sets.map(\.name)
  }

  func refuse(_ drop: RefusedDrop, from source: SourceName) async {
    if prepare() { move(drop.claim) }
    calls.put(.refuse(drop))
  }

  private func move(_ claim: Claim) {
    let number = count.add(1, ordering: .relaxed).newValue
    for item in claim.items {
      let code = rename("\(claim.directory)/\(item.name)", "\(work)/\(number)-\(item.name)")
      if code != 0 { Issue.record("cannot claim \(item.name)") }
    }
  }
}

/// Keeps the lines of the log.
final class RecordingLog: Log {
  let events = Mailbox<LogEvent>()
  func write(_ event: LogEvent) { events.put(event) }
}

/// A drop directory in a temporary place, and an intake that works on it.
final class DropFixture: Sendable {
  let root: String
  let drop: String
  let taker: RecordingTaker
  let log = RecordingLog()
  let intake: Intake
  let events: EventThread

  init(
    quiet: Duration? = nil, marker: String? = nil, controlFile: String? = nil,
    rules: [ExactText: Glob] = [:], rescan: Duration? = nil, warn: Duration? = nil,
    reject: Duration? = nil, order: ScheduleOrder = .arrival, fileSystem: FileSystem = FileSystem(),
    time: (any Time)? = nil, withdraws: Bool = false,
    prepare: @escaping @Sendable (String) -> Bool = { _ in true },
    finish: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    var template = Array("/tmp/intake-test-XXXXXX".utf8CString)
    let root = String(cString: mkdtemp(&template)!)
    self.root = root
    drop = root + "/drop/hr"
    for directory in ["drop", "drop/hr", "work", "staging"] { mkdir("\(root)/\(directory)", 0o755) }
    taker = RecordingTaker(
      work: root + "/work", withdraws: withdraws, prepare: { prepare(root) }, finish: { finish(root) })
    let source = DropSource(
      name: SourceName("hr")!, directory: root + "/drop/hr",
      rules: IntakeRules(
        quiet: quiet ?? (time == nil ? QuietTime.ofTests : .zero), markerFile: marker,
        controlFile: controlFile.map { "\(root)/\($0)" }, fileRules: rules),
      rescan: rescan, incompleteWarn: warn, incompleteReject: reject, order: order)
    events = try EventThread(name: "test-events") { Issue.record("\($0)") }
    intake = Intake(
      source: source, fileSystem: fileSystem, workers: try WorkerPool(name: "test", threads: 2),
      events: events, time: time ?? QuietTime.clock, log: log, claimer: taker)
  }

  /// A fixture where something happens just before a file is opened for the first time: `body` gets the root.
  static func whereOpening(
    _ path: String, taking prepare: @escaping @Sendable (String) -> Bool = { _ in true },
    firstDoes body: @escaping @Sendable (String) -> Void
  ) throws -> DropFixture {
    let isFirst = Atomic(true)
    let root = Mutex("")
    let hook: FileSystem.Hook = { operation in
      guard operation.kind == .open, operation.object.hasSuffix("/" + path),
        isFirst.exchange(false, ordering: .relaxed)
      else { return }
      body(root.withLock { $0 })
    }
    let fixture = try DropFixture(fileSystem: FileSystem(hook: hook), prepare: prepare)
    root.withLock { $0 = fixture.root }
    return fixture
  }

  deinit { shell("rm -rf '\(root)'") }

  /// Runs the intake until `body` is through, and then waits for its end.
  func run(_ body: () async throws -> Void) async throws {
    let running = Task { await self.intake.run() }
    await intake.firstScanDone()
    do {
      try await body()
    } catch {
      running.cancel()
      await running.value
      throw error
    }
    running.cancel()
    await running.value
  }

  /// Writes a file below the root: `drop/hr/control.json`.
  func write(_ path: String, _ text: String) {
    let file = open("\(root)/\(path)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    if file < 0 || Glibc.write(file, text, text.utf8.count) != text.utf8.count {
      Issue.record("cannot write \(path)")
    }
    close(file)
  }

  /// Makes a whole set in the staging directory and moves it in.
  func moveIn(
    _ name: String = "staff", control: String = DropFixture.control, files: [String] = ["data.json"]
  ) {
    mkdir("\(root)/staging/\(name)", 0o755)
    if !control.isEmpty { write("staging/\(name)/control.json", control) }
    for file in files { write("staging/\(name)/\(file)", "{}") }
    move("staging/\(name)", to: "drop/hr/\(name)")
  }

  func move(_ path: String, to target: String) {
    if rename("\(root)/\(path)", "\(root)/\(target)") != 0 { Issue.record("cannot move \(path)") }
  }

  @discardableResult
  func shell(_ command: String) -> Int32 { system(command) }

  /// The next call of the taker.
  func next() async throws -> TakerCall { try #require(await taker.calls.next()) }

  /// A valid control file for one file.
  static let control = control(keys: ["data"])

  static func control(keys: [String]) -> String {
    let files = keys.map { #""\#($0)": {"read": "json"}"# }.joined(separator: ", ")
    return
      #"{"dataImportControlFileVersion": 0, "model": "standard", "instructions": [], "files": {\#(files)}}"#
  }
}
