import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem

extension Intake {
  /// How often a directory without events is scanned when the configuration says never.
  private static let pollAnyway = Duration.seconds(60)
  /// How long the kernel has to tell of a change that this program makes itself.
  private static let patience = Duration.seconds(5)

  private var pollInterval: Duration { source.rescan ?? Self.pollAnyway }

  var scanner: DirectoryScanner {
    DirectoryScanner(fileSystem: fileSystem, path: source.directory, inotify: watcher.inotify, locks: locks)
  }

  /// When to wake though nothing is reported.
  func nextWake() -> MonotonicInstant? {
    if sets.contains(where: \.isDirty) { return time.monotonic }
    return (sets.map { $0.nextInspection(source) } + [nextScan]).compactMap(\.self).min()
  }

  /// Scans the whole directory, after watching it.
  func scan() async {
    if inotifyProblem != nil { openWatcher() }
    let scanner = scanner
    let result = await workers.runAbandonable { Result { () throws(SystemError) in try scanner.scan() } }
    switch result {
    case nil: return  // cancelled
    case .success((let listing, let watches, let kind)):
      noteScan(nil)
      let isNew = own.map { !$0.identity.isSameObject(as: listing.own.identity) } ?? true
      takeOver(listing, watches, kind, isNew: isNew)
      if let watch = watches.all.first?.watch, isNew || silence != nil { await testEvents(of: watch) }
      noteMode(watches, kind, isCut: listing.isCut)
    case .failure(let error):
      noteScan(error)
      await lose(error)
    }
    let pause = source.rescan ?? (mode != .watched ? Self.pollAnyway : nil)
    nextScan = pause.map { time.monotonic.advanced(by: $0) }
  }

  private func takeOver(
    _ listing: DirectoryScanner.Listing, _ watches: DirectoryScanner.Watches, _ kind: FileSystemKind,
    isNew: Bool
  ) {
    if isNew { forgetAll(keeping: watches.all.map(\.watch)) }
    own = listing.own
    usesLeases = !kind.isRemote
    watcher.remove(keeping: watches.all.map(\.watch)) { $0 == .ancestor || $0 == .dropDirectory }
    watcher.register(watches.all.map { ($0.watch, .dropDirectory) })
    flat.snapshot.index.observe(listing: listing.entries, obstacles: listing.obstacles, at: time.monotonic)
    let present = Set(listing.entries.filter { $0.status.kind == .directory }.map { ExactText($0.name) })
    for name in folders.keys where !present.contains(name) { forget(folder: name) }
    for (name, status) in listing.entries where status.kind == .directory { noteFolder(name, status) }
    for set in sets { set.rescan() }
    lastScan = time.now
    log.write(
      LogEvent(.scanned, "drop directory scanned").with("source", source.name)
        .with("entries", listing.entries.count))
  }

  /// Sorts what has changed into names to look up, and looks them up; or scans everything.
  func absorbChanges() async {
    let changes = watcher.takeChanges()
    if Task.isCancelled { return }
    if changes.hasLostEvents { for set in folders.values { set.loseTrack() } }
    if changes.isScanDue || (nextScan.map { $0 <= time.monotonic } ?? false) { return await scan() }
    for name in changes.left { note(name, nil, isEvent: true) }
    for folder in changes.toList { folders[folder]?.loseTrack() }
    for (folder, paths) in changes.inFolders { folders[folder]?.touch(paths) }
    if !changes.names.isEmpty { await lookUp(Array(changes.names), isEvent: true) }
  }

  /// Looks up single names of the drop directory. Without an event, what is as before is left alone.
  func lookUp(_ names: [EntryName], isEvent: Bool) async {
    guard let own else { return }  // what was lost is scanned before anything in it counts
    let scanner = scanner
    let result = await workers.runAbandonable {
      Result { () throws(SystemError) in try scanner.statuses(of: names, in: own) }
    }
    switch result {
    case nil: return
    case .success(nil): watcher.wantScan()
    case .success(let found?): for (name, status) in found { note(name, status, isEvent: isEvent) }
    case .failure(let error): await lose(error)
    }
  }

  /// Takes in what a name of the drop directory is now; nil if it is gone.
  private func note(_ name: EntryName, _ status: EntryStatus?, isEvent: Bool) {
    if Litter.isLitter(name.bytes) { return }
    if let obstacle = DirectoryScanner.obstacle(of: name) {
      return flat.snapshot.index.observe(
        obstacle: status == nil ? nil : obstacle, to: name.description, at: time.monotonic)
    }
    let text = name.string ?? ""
    let isNew = flat.snapshot.index.observe(text, status, at: time.monotonic)
    if let status, status.kind == .directory { return noteFolder(text, status) }
    forget(folder: ExactText(text))
    if isEvent || isNew { flat.touch() }
  }

  /// Takes in a folder of the drop directory: a new one, or one in the place of another.
  private func noteFolder(_ name: String, _ status: EntryStatus) {
    let key = ExactText(name)
    if let known = folders[key], let folder = known.snapshot.folder,
      folder.identity.isSameObject(as: status.identity)
    {
      if folder != status { known.touch() }
      known.snapshot.folder = status
      return known.snapshot.index.observeOwn(status, at: time.monotonic)
    }
    forget(folder: key)
    guard !DropName.isTemporary(name) else { return }
    let index = DropIndex(rules: source.rules)
    folders[key] = PendingSet(.init(folder: name, in: source.directory, status: status, index: index))
  }

  func forget(folder: ExactText) {
    guard folders.removeValue(forKey: folder) != nil else { return }
    watcher.remove { if case .folder(folder, _) = $0 { true } else { false } }
  }

  /// Forgets what was in a directory that is another one now.
  private func forgetAll(keeping kept: [Inotify.Watch] = []) {
    watcher.remove(keeping: kept) { _ in true }
    folders = [:]
    flat.snapshot.index = DropIndex(rules: source.rules)
    flat.rest([])
  }
}

extension Intake {
  // MARK: How the directory is watched

  /// What to do about a lack of watches or of watch lists.
  static func remedy(for error: SystemError) -> String {
    switch true {
    case error.isNoSpace: "\(error); raise fs.inotify.max_user_watches"
    case error.isLimit: "\(error); raise fs.inotify.max_user_instances"
    default: error.description
    }
  }

  /// Takes in how the directory can be watched, as a scan found out. Whether its folders can is known when they are
  /// listed as well (``settleMode()``).
  private func noteMode(_ found: DirectoryScanner.Watches, _ kind: FileSystemKind, isCut: Bool) {
    folderProblem = nil
    directoryProblem =
      kind.isRemote
      ? "its file system (\(kind.name)) does not tell of changes that others make"
      : isCut
        ? "it has more than \(DirectoryScanner.mostEntries) entries, of which only so many are examined at a time"
        : found.problem.map(Self.remedy) ?? inotifyProblem ?? silence
    if let directoryProblem {
      setMode(.polled(directoryProblem))
    } else if watcher.inotify != nil, case .lost = mode {
      setMode(.watched)
    }
  }

  /// Takes in that a folder cannot be watched: until a scan finds that it can, everything is scanned now and then.
  func noteFolderProblem(_ error: SystemError) {
    let problem = Self.remedy(for: error)
    folderProblem = problem
    setMode(.polled(directoryProblem ?? problem))
    nextScan = nextScan ?? time.monotonic.advanced(by: pollInterval)
  }

  /// Goes back to watching once all folders were listed without a problem.
  func settleMode() {
    guard case .polled = mode, watcher.inotify != nil, directoryProblem == nil, folderProblem == nil else {
      return
    }
    setMode(.watched)
  }

  /// Finds out whether events arrive, by a change of the drop directory that changes nothing.
  private func testEvents(of watch: Inotify.Watch) async {
    watcher.expectEvent(of: watch)
    let scanner = scanner
    guard await workers.runAbandonable({ scanner.touch() }) == true else {
      silence = nil  // there is no telling; a watch that was granted is believed
      return
    }
    let (watcher, time) = (watcher, time)
    let deadline = time.monotonic.advanced(by: Self.patience)
    let arrived = await withTaskGroup(of: Bool.self) { group in
      group.addTask { await watcher.waitForExpected() }
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
  private func setMode(_ new: WatchMode) {
    guard mode != new else { return }
    mode = new
    let event =
      switch mode {
      case .watched: LogEvent(.directoryWatched, "drop directory watched")
      case .polled(let why):
        LogEvent(.directoryPolled, "drop directory polled every \(Int(pollInterval.inSeconds)) s: \(why)")
      case .lost(let why):
        LogEvent(.directoryLost, "drop directory cannot be watched: \(why); retried until it is available")
      }
    log.write(event.with("source", source.name).with("directory", source.directory))
  }

  /// Takes in that the drop directory cannot be scanned. One that is gone, or that is not this source's own, takes all that
  /// was known of it along.
  private func lose(_ error: SystemError) async {
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

  private func watchAncestor() async {
    let scanner = scanner
    guard let watch = await workers.runAbandonable({ scanner.watchAncestor() }) ?? nil else { return }
    watcher.register([(watch, .ancestor)])
    // It may have come back before the watch was there.
    if await workers.runAbandonable({ scanner.isThere }) == true, scanError?.isMissing == true {
      watcher.wantScan()
    }
  }
}
