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

  /// Takes in how the directory can be watched, as a listing found out.
  func noteMode(_ listing: DropScan.Listing, _ kind: FileSystemKind) {
    if kind.isRemote {
      setMode(.polled("its file system (\(kind.name)) does not tell of changes that others make"))
    } else if let problem = listing.watchProblem {
      setMode(.polled(Self.remedy(for: problem)))
    } else if let inotifyProblem {
      setMode(.polled(inotifyProblem))
    } else if inotify != nil, mode != .watched, !hasFolderProblem {
      setMode(.watched)
    }
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
    }
    if isGone {
      locks?.release(source.directory)
