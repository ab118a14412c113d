import Glibc
import ImportCore
public import ImportSystem

/// Watches one drop directory and hands over what is complete in it, in the order of arrival. Events are only
/// hints that something is to be looked at again; what is handed over was looked at just then.
///
/// One task runs it (``run()``); others may ask how things stand. While nothing happens it sleeps without a system
/// call until the next quiet time or rescan.
public actor Intake {
  /// How the directory is watched.
  public enum WatchMode: Hashable, Sendable {
    /// The kernel tells of changes.
    case watched
    /// It is looked at every `RescanSec` only, and why.
    case polled(String)
    /// It is not there or cannot be opened, and why.
    case lost(String)
  }

  let source: DropSource
  let fileSystem: FileSystem
  let workers: WorkerPool
  let time: any Time
  let log: any Log
  let taker: any ClaimTaker
  /// Keep other daemons away from what is listed; nil for tools that only look.
  let locks: ServiceLocks?
  nonisolated let hints = Hints()
  private let events: EventThread

  var inotify: Inotify?
  /// Why there is none, where there should be one.
  var inotifyProblem: String?
  /// Why the drop directory could not be made, where it was missing.
  var makingProblem: SystemError?
  /// What each watch is for.
  var watches: [Inotify.Watch: WatchTarget] = [:]
  /// The drop directory's own files, which may be a flat set; its folders stand in the index too.
  let flat: Candidate
  var folders: [ExactText: Candidate] = [:]
  /// The directory as it was when it was last listed.
  var own: EntryStatus?
  var mode = WatchMode.lost("not looked at yet")
  var usesLeases = true
  var isLeaseProblemLogged = false
  /// Why a folder cannot be watched since the last scan: events about its files may be missing. Every scan tries again.
  var folderProblem: String?
  /// Why the drop directory itself is polled, as the last scan found out.
  var directoryProblem: String?
  /// Why the events of the drop directory are not relied on, though it is watched.
  var silence: String?
  var lastScan: Timestamp?
  var nextScan: MonotonicInstant?
  private var isScanned = false
  /// False while it sleeps.
  private var isAtWork = true
  private var hasEnded = false
  private let progress = Latch()

  /// What a watch is for.
  enum WatchTarget: Hashable {
    case dropDirectory
    /// A folder by its name, or one in it by its path.
    case folder(ExactText, prefix: String)
    /// The nearest directory that is there, while the drop directory is not.
    case ancestor
  }

  /// Takes a source and everything it works with. Nothing happens before ``run()`` or ``examine()``.
  public init(
    source: DropSource, fileSystem: FileSystem, workers: WorkerPool, events: EventThread, time: any Time,
    log: any Log, taker: any ClaimTaker, locks: ServiceLocks? = nil
  ) {
    self.source = source
    self.fileSystem = fileSystem
    self.workers = workers
    self.events = events
    self.time = time
    self.log = log
    self.taker = taker
    self.locks = locks
    let index = DropIndex(rules: source.rules)
    flat = Candidate(.init(flatIn: source.directory, index: index, rules: source.rules))
  }

  /// Makes the directory if it is missing, watches it, and hands over what becomes complete, until the task is
  /// cancelled. To be called once.
  public func run() async {
    SignalReader.ignore(SIGIO)  // without this, a writer that meets our lease would end the process
    await makeDirectory()
    openInotify()
    defer { if let inotify { events.remove(inotify.descriptor) } }
    await scan()
    while !Task.isCancelled {
      await lookAndHandOver()
      isAtWork = false
      progress.signal()
      await waitForHint(until: nextLook())
      isAtWork = true
      await absorbHints()
    }
    hasEnded = true
    progress.signal()
  }

  /// Looks at everything once, hands nothing over and watches nothing: for tools that explain while no daemon runs.
  public func examine() async {
    SignalReader.ignore(SIGIO)
    await scan()
    _ = await lookAtAll()
  }

  /// Wants everything to be looked at again soon, as after a reload.
  public nonisolated func rescan() { hints.wantRescan() }

  /// Returns when what was in the directory at the start has been looked at, or the task is cancelled: a service can
  /// be told to end before its first scan begins.
  public func firstScanDone() async { await wait { isScanned } }

  /// Returns when nothing is left that only waits for time to pass or for a program to close its file. What is handed
  /// over by then has been taken. Returns early when the task is cancelled.
  public func settled() async { await wait { !isAtWork && isSettled } }

  private func wait(until isTrue: () -> Bool) async {
    while !isTrue(), !hasEnded, !Task.isCancelled { await progress.wait(after: progress.version) }
  }

  var candidates: [Candidate] { [flat] + folders.values }

  private var isSettled: Bool { hints.isEmpty && !candidates.contains { $0.isSettling || $0.isDirty } }

  private func lookAndHandOver() async {
    let verdicts = await lookAtAll()
    settleMode()
    isScanned = true
    progress.signal()
    await handOver(verdicts)
  }

  private func makeDirectory() async {
    let (fileSystem, path) = (fileSystem, source.directory)
    do throws(SystemError) {
      try await workers.run { () throws(SystemError) in
        _ = try fileSystem.openOrMakeDirectory(path, mode: 0o2770, for: "intake")
      }
      makingProblem = nil
    } catch {
      makingProblem = error  // the first scan finds no directory, and says why
    }
  }

  /// Opens the watch list. Where the user has too many of them, every scan tries again.
  func openInotify() {
    do throws(SystemError) {
      let inotify = try Inotify()
      self.inotify = inotify
      inotifyProblem = nil
      events.add(inotify.descriptor) { [hints] in hints.add(inotify.read()) }
    } catch {
      inotifyProblem = Self.remedy(for: error)
    }
  }
}
