import ImportCore
import ImportSystem

extension Intake {
  /// What to do about a lack of watches or of watch lists.
  static func remedy(for error: SystemError) -> String {
    switch true {
    case error.isNoSpace: "\(error); raise fs.inotify.max_user_watches"
    case error.isLimit: "\(error); raise fs.inotify.max_user_instances"
    default: error.description
    }
  }

  /// Takes in how the directory can be watched, as a listing found out. Whether its folders can is known when they are
  /// listed as well (``settleMode()``).
  func noteMode(_ found: DropScan.Watches, _ kind: FileSystemKind) {
    folderProblem = nil
    directoryProblem =
      kind.isRemote
      ? "its file system (\(kind.name)) does not tell of changes that others make"
      : found.problem.map(Self.remedy) ?? inotifyProblem ?? silence
    if let directoryProblem {
      setMode(.polled(directoryProblem))
    } else if inotify != nil, case .lost = mode {
      setMode(.watched)
    }
  }

  /// Takes in that a folder cannot be watched: until a scan finds that it can, everything is looked at now and then.
  func noteFolderProblem(_ error: SystemError) {
    let problem = Self.remedy(for: error)
    folderProblem = problem
    setMode(.polled(directoryProblem ?? problem))
    nextScan = nextScan ?? time.monotonic.advanced(by: pollInterval)
  }

  /// Goes back to watching once all folders were listed without a problem.
  func settleMode() {
    guard case .polled = mode, inotify != nil, directoryProblem == nil, folderProblem == nil else { return }
    setMode(.watched)
  }

  /// How long the kernel has to tell of a change that this program makes itself.
  private static let patience = Duration.seconds(5)

  /// Finds out whether events arrive, by a change of the drop directory that changes nothing.
  func testEvents(of watch: Inotify.Watch) async {
    hints.expectEvent(of: watch)
    let scan = dropScan
    guard await workers.run({ scan.touch() }) else {
      silence = nil  // there is no telling; a watch that was granted is believed
      return
    }
    let (hints, time) = (hints, time)
    let deadline = time.monotonic.advanced(by: Self.patience)
    let arrived = await withTaskGroup(of: Bool.self) { group in
      group.addTask { await hints.waitForExpected() }
      group.addTask {
        try? await time.sleep(until: deadline)
        return false
      }
      let first = await group.next() ?? false
      group.cancelAll()
      return first
    }
    if Task.isCancelled { return }
    silence =
      arrived
      ? nil : "the kernel did not tell of a change within \(Int(Self.patience.inSeconds)) s; tried again"
  }

  /// Goes over to another way of watching, with one line in the log.
  func setMode(_ new: WatchMode) {
    guard mode != new else { return }
    mode = new
    log.write(modeEvent.with("source", source.name).with("directory", source.directory))
  }

  private var modeEvent: LogEvent {
    switch mode {
    case .watched: LogEvent(.directoryWatched, "drop directory watched")
    case .polled(let why):
      LogEvent(
        .directoryPolled, "drop directory looked at every \(Int(pollInterval.inSeconds)) s only: \(why)")
    case .lost(let why):
      LogEvent(.directoryLost, "drop directory cannot be watched: \(why); taken up again when it is there")
    }
  }

  private var pollInterval: Duration { source.rescan ?? Self.pollAnyway }

  /// Takes in that the drop directory cannot be looked at. One that is gone, or that another daemon has, takes all that
  /// was known of it along.
  func lose(_ error: SystemError) async {
    let isGone = error.isMissing || error.isNotDirectory
    if isGone || error.isInUse {
      forgetAll()
      own = nil
    }
    if isGone {
      locks?.release(source.directory)
      await watchAncestor()
    }
    setMode(.lost((error.isMissing ? makingProblem ?? error : error).description))
    let retry = time.monotonic.advanced(by: pollInterval)
    nextScan = nextScan.map { min($0, retry) } ?? retry
  }

  /// Watches the nearest directory above that is there, to learn when the drop directory comes back.
  private func watchAncestor() async {
    guard let inotify else { return }
    let (fileSystem, path) = (fileSystem, source.directory)
    let watch = await workers.run { () -> Inotify.Watch? in
      var parts = path.split(separator: "/")
      while !parts.isEmpty {
        parts.removeLast()
        guard let directory = try? fileSystem.openDirectory("/" + parts.joined(separator: "/")) else {
          continue
        }
        return try? inotify.add(directory)
      }
      return nil
    }
    guard let watch else { return }
    watches[watch] = .ancestor
    // It may have come back before the watch was there.
    let isBack = await workers.run { (try? fileSystem.openDirectory(path)) != nil }
    if isBack { hints.wantRescan() }
  }
}
