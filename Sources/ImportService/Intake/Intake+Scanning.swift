import ImportCore
import ImportSystem

extension Intake {
  var dropScan: DropScan {
    DropScan(fileSystem: fileSystem, path: source.directory, inotify: inotify, locks: locks)
  }

  /// Looks at the whole directory, after watching it.
  func scan() async {
    if inotifyProblem != nil { openInotify() }
    let scan = dropScan
    do throws(SystemError) {
      let (listing, watches, kind) = try await workers.run { () throws(SystemError) in try scan.list() }
      let isNew = own.map { !$0.identity.isSameObject(as: listing.own.identity) } ?? true
      takeOver(listing, watches.all.map(\.watch), kind)
      if let watch = watches.all.first?.watch, isNew || silence != nil { await testEvents(of: watch) }
      noteMode(watches, kind)
    } catch {
      await lose(error)
    }
    let isPolled = mode != .watched
    let pause = source.rescan ?? (isPolled ? Self.pollAnyway : nil)
    nextScan = pause.map { time.monotonic.advanced(by: $0) }
  }

  private func takeOver(_ listing: DropScan.Listing, _ own: [Inotify.Watch], _ kind: FileSystemKind) {
    if self.own.map({ !$0.identity.isSameObject(as: listing.own.identity) }) ?? true {
      forgetAll(keeping: own)
    }
    self.own = listing.own
    usesLeases = !kind.isRemote
    for (watch, target) in watches where target == .ancestor || target == .dropDirectory {
      if !own.contains(watch) { drop(watch) }
    }
    for watch in own { watches[watch] = .dropDirectory }
    takeOver(listing.entries, strange: listing.strange)
    lastScan = time.now
    log.write(
      LogEvent(.scanned, "drop directory scanned").with("source", source.name)
        .with("entries", listing.entries.count))
  }

  /// Everything is looked at again, also what the taker had left.
  private func takeOver(_ entries: [DropScan.Named], strange: [String: String]) {
    flat.subject.index.observe(listing: entries, strange: strange, at: time.monotonic)
    let listed = Set(entries.filter { $0.status.kind == .directory }.map { ExactText($0.name) })
    for name in folders.keys where !listed.contains(name) { forget(folder: name) }
    for (name, status) in entries where status.kind == .directory { noteFolder(name, status) }
    for candidate in candidates {
      candidate.isDirty = true
      candidate.declined = nil
      candidate.loseTrack()
    }
  }

  /// Looks at single names of the drop directory. Without an `event`, what looks as before is left alone.
  func look(at names: [EntryName], event: Bool) async {
    guard let own else { return }  // what was lost is scanned before anything in it counts
    do throws(SystemError) {
      let scan = dropScan
      let seen = try await workers.run { () throws(SystemError) in
        var visit = DropVisit(scan, nil)
        return try visit.look(names, in: own)
      }
      guard let seen else { return hints.wantRescan() }
      for (name, status) in seen { note(name, status, event: event) }
    } catch {
      await lose(error)
    }
  }

  /// Takes in what a name of the drop directory is now; nil if it is gone.
  func note(_ name: EntryName, _ status: EntryStatus?, event: Bool) {
    if let why = DropScan.strangeness(of: name) {
      return flat.subject.index.observeStrange(
        name.description, why: status == nil ? nil : why, at: time.monotonic)
    }
    let text = name.string ?? ""
    let isNew = flat.subject.index.observe(text, status, at: time.monotonic)
    if let status, status.kind == .directory {
      return noteFolder(text, status)
    }
    forget(folder: ExactText(text))
    if event || isNew { flat.touch() }
  }

  /// Takes in a folder of the drop directory: a new one, or one that stands where another stood before.
  private func noteFolder(_ name: String, _ status: EntryStatus) {
    let key = ExactText(name)
    if let known = folders[key], let folder = known.subject.folder {
      if folder.identity.isSameObject(as: status.identity) {
        if folder != status { known.touch() }
        known.subject.folder = status
        return known.subject.index.observeOwn(status, at: time.monotonic)
      }
    }
    forget(folder: key)
    guard !DropName.isTemporary(name) else { return }
    let index = DropIndex(rules: source.rules)
    folders[key] = Candidate(.init(folder: name, in: source.directory, status: status, index: index))
  }

  func forget(folder: ExactText) {
    guard folders.removeValue(forKey: folder) != nil else { return }
    for (watch, target) in watches {
      if case .folder(folder, _) = target { drop(watch) }
    }
  }

  func drop(_ watch: Inotify.Watch) {
    inotify?.remove(watch)
    watches[watch] = nil
  }

  /// Forgets what was in a directory that is another one now.
  func forgetAll(keeping kept: [Inotify.Watch] = []) {
    for watch in watches.keys where !kept.contains(watch) { drop(watch) }
    folders = [:]
    flat.subject.index = DropIndex(rules: source.rules)
    flat.rest([])
  }
}

extension ImportCore.FileIdentity {
  /// True if both are the same file or directory, whatever was done to it meanwhile.
  func isSameObject(as other: ImportCore.FileIdentity) -> Bool {
    device == other.device && inode == other.inode
  }
}
