import Glibc
import ImportCore
public import ImportRuntime
public import ImportStorage
public import ImportSystem

/// Watches one drop directory and claims what is complete in it, in the order of arrival. inotify events only mark entries dirty;
/// every set is examined again immediately before it is claimed.
///
/// One task runs it (``run()``); others may ask how things are. While nothing happens it sleeps without a system
/// call until the next quiet time or rescan. Whatever may block runs on the source's own thread: a file system that hangs holds
/// up this source alone.
public actor Intake {
  /// How the directory is watched.
  public enum WatchMode: Hashable, Sendable {
    /// The kernel tells of changes.
    case watched
    /// It is scanned every `RescanSec` only, and why.
    case polled(String)
    /// It is not there or cannot be opened, and why.
    case lost(String)
  }

  let source: DropSource
  let fileSystem: FileSystem
  let workers: WorkerPool
  let time: any Time
  let log: any Log
  let claimer: any SetClaiming
  /// Keep other daemons away from what is scanned; nil for tools that only explain.
  let locks: ServiceLocks?
  nonisolated let watcher: DirectoryWatcher

  /// The drop directory's own files, which may be a flat set; its folders are in the index too.
  let flat: PendingSet
  var folders: [ExactText: PendingSet] = [:]
  /// The directory as it was when it was last scanned.
  var own: EntryStatus?
  /// The file system of the directory knows leases.
  var usesLeases = true
  private var isLeaseProblemLogged = false
  var mode = WatchMode.lost("not scanned yet")
  /// Why there is no list of watches, where there should be one.
  var inotifyProblem: String?
  /// Why the drop directory could not be made, where it was missing.
  var makingProblem: SystemError?
  /// Why a folder cannot be watched since the last scan: events about its files may be missing. Every scan tries again.
  var folderProblem: String?
  /// Why the drop directory itself is polled, as the last scan found out.
  var directoryProblem: String?
  /// Why the events of the drop directory are not relied on, though it is watched.
  var silence: String?
  /// Why the directory could not be scanned.
  private(set) var scanError: SystemError?
  var lastScan: Timestamp?
  var nextScan: MonotonicInstant?
  private var isScanned = false
  /// False while it sleeps.
  private var isAtWork = true
  private var hasEnded = false
  private let progress = Latch()

  /// Takes a source and everything it works with. Nothing happens before ``run()`` or ``examine()``.
  public init(
    source: DropSource, fileSystem: FileSystem, workers: WorkerPool, events: EventThread, time: any Time,
    log: any Log, claimer: any SetClaiming, locks: ServiceLocks? = nil
  ) {
    self.source = source
    self.fileSystem = fileSystem
    self.workers = workers
    self.time = time
    self.log = log
    self.claimer = claimer
    self.locks = locks
    watcher = DirectoryWatcher(events)
    let index = DropIndex(rules: source.rules)
    flat = PendingSet(.init(flatIn: source.directory, index: index, rules: source.rules))
  }

  /// Makes the directory if it is missing, watches it, and claims what becomes complete, until the task is
  /// cancelled. To be called once.
  public func run() async {
    SignalReader.ignore(SIGIO)  // without this, a writer that meets our lease would end the process
    await makeDirectory()
    openWatcher()
    defer { watcher.close() }
    await scan()
    while !Task.isCancelled {
      let verdicts = await inspectAll()
      settleMode()
      isScanned = true
      progress.signal()
      await claim(verdicts)
      isAtWork = false
      progress.signal()
      await watcher.wait(until: nextWake(), time)
      isAtWork = true
      await absorbChanges()
    }
    hasEnded = true
    progress.signal()
  }

  /// Examines everything once, claims nothing and watches nothing: for tools that explain while no daemon runs.
  public func examine() async {
    SignalReader.ignore(SIGIO)
    await scan()
    _ = await inspectAll()
  }

  /// Wants everything to be scanned again soon, as after a reload.
  public nonisolated func rescan() { watcher.wantScan() }

  /// Returns when what was in the directory at the start has been examined, or the task is cancelled: a service can
  /// be told to end before its first scan begins.
  public func firstScanDone() async { await wait { isScanned } }

  /// Returns when nothing is left that only waits for time to pass or for a program to close its file. What is complete
  /// by then has been claimed. Returns early when the task is cancelled.
  public func settled() async { await wait { !isAtWork && isSettled } }

  private func wait(until isTrue: () -> Bool) async {
    while !isTrue(), !hasEnded, !Task.isCancelled { await progress.wait(after: progress.version) }
  }

  /// Another daemon that has the directory; nil if none has.
  var rival: ServiceFailure? { scanError.flatMap { $0.isInUse ? .inUse($0) : nil } }

  var sets: [PendingSet] { [flat] + folders.values }

  private var isSettled: Bool { watcher.isEmpty && !sets.contains { $0.isSettling || $0.isDirty } }

  private func makeDirectory() async {
    let (fileSystem, path) = (fileSystem, source.directory)
    makingProblem =
      await workers.runAbandonable { () -> SystemError? in
        do throws(SystemError) {
          _ = try fileSystem.openOrMakeDirectory(path, mode: 0o2770, for: "intake")
          return nil
        } catch {
          return error  // the first scan finds no directory, and says why
        }
      } ?? nil
  }

  /// Opens the list of watches. Where the user has too many of them, every scan tries again.
  func openWatcher() {
    do throws(SystemError) {
      try watcher.open()
      inotifyProblem = nil
    } catch {
      inotifyProblem = Self.remedy(for: error)
    }
  }

  func noteScan(_ error: SystemError?) { scanError = error }

  func noteLeaseProblem(_ file: String) {
    guard !isLeaseProblemLogged else { return }
    isLeaseProblemLogged = true
    log.write(
      LogEvent(
        .leaseUnavailable,
        "cannot detect open writers of dropped files (no lease; CAP_LEASE is needed for files of others): relying "
          + "on QuietSec= only"
      )
      .with("source", source.name).with("path", file))
  }
}
