import ImportCore
import ImportSystem

extension Intake {
  /// How often a directory without events is looked at when the configuration says never.
  static let pollAnyway = Duration.seconds(60)

  /// When to look again though nothing is reported.
  func nextLook() -> MonotonicInstant? {
    if candidates.contains(where: \.isDirty) { return time.monotonic }
    let times = candidates.flatMap { [$0.due, warnTime($0), rejectTime($0)] } + [nextScan]
    return times.compactMap(\.self).min()
  }

  func warnTime(_ candidate: Candidate) -> MonotonicInstant? {
    guard !candidate.isReported, let warn = source.incompleteWarn else { return nil }
    return candidate.incompleteSince?.advanced(by: warn)
  }

  /// What somebody still writes to is not rejected, however long it takes.
  func rejectTime(_ candidate: Candidate) -> MonotonicInstant? {
    guard !candidate.isSettling, candidate.declined == nil, let reject = source.incompleteReject else {
      return nil
    }
    return candidate.incompleteSince?.advanced(by: reject)
  }

  /// Sleeps until something is noticed, or it is `deadline`.
  func waitForHint(until deadline: MonotonicInstant?) async {
    if let deadline, deadline <= time.monotonic { return }
    await hints.wait(until: deadline, time)
  }

  /// Sorts what was noticed into names to look at, and looks at them; or at everything.
  func absorbHints() async {
    let noticed = hints.take()
    if Task.isCancelled { return }
    var names: Set<EntryName> = []
    var gone: Set<EntryName> = []
    var inFolders: [ExactText: Set<String>] = [:]
    var isScanDue = noticed.isRescanWanted || (nextScan.map { $0 <= time.monotonic } ?? false)
    for event in noticed.events {
      switch event {
      case .overflow:
        for candidate in folders.values { candidate.loseTrack() }
        isScanDue = true
      case .ended(let watch):
        isScanDue = isScanDue || watches[watch] == .dropDirectory
        watches[watch] = nil
      case .lost(let watch), .changedItself(let watch):
        guard let target = watches[watch] else { continue }
        // A folder that was moved out says so itself as well.
        if case .folder(let folder, _) = target, gone.contains(EntryName(folder.text)) { continue }
        isScanDue = isScanDue || note(changeItself: target, isLost: event == .lost(watch), &names)
      case .left(let watch, let name) where watches[watch] == .dropDirectory:
        names.remove(name)
        gone.insert(name)
      case .changed(let watch, let name) where watches[watch] == .dropDirectory:
        gone.remove(name)
        names.insert(name)
      case .changed(let watch, let name), .left(let watch, let name):
        isScanDue = isScanDue || note(name, in: watches[watch], &names, &inFolders)
      }
    }
    if isScanDue { return await scan() }
    for name in gone { note(name, nil, event: true) }
    for (folder, paths) in inFolders { folders[folder]?.touch(paths) }
    if !names.isEmpty { await look(at: Array(names), event: true) }
  }

  /// Returns true if everything is to be looked at.
  private func note(changeItself target: WatchTarget, isLost: Bool, _ names: inout Set<EntryName>) -> Bool {
    switch target {
    case .dropDirectory, .ancestor: return isLost || target == .ancestor
    case .folder(let folder, _):
      names.insert(EntryName(folder.text))
      folders[folder]?.touch()
      return false
    }
  }

  private func note(
    _ name: EntryName, in target: WatchTarget?, _ names: inout Set<EntryName>,
    _ inFolders: inout [ExactText: Set<String>]
  ) -> Bool {
    switch target {
    case nil: return false
    case .ancestor: return true
    case .dropDirectory: names.insert(name)
    case .folder(let folder, let prefix):
      // A name that no set can have is found by the listing.
      if DropScan.strangeness(of: name) != nil { folders[folder]?.loseTrack() }
      inFolders[folder, default: []].insert(prefix + (name.string ?? ""))
    }
    return false
  }
}
