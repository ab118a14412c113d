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

  /// Looks at single names of the drop directory, and into folders that are new. Without an `event`, what looks as before is
  /// left alone. `begun`: just that, begun by the scout.
  func look(at names: [EntryName], event: Bool, begun: Scout.Begun? = nil) async {
    guard let own else { return }  // what was lost is scanned before anything in it counts
    do throws(SystemError) {
      let found = try await find(names, in: own, begun)
      room = found.room
      guard let seen = found.names else { return hints.wantRescan() }
      // First of all: a folder that was renamed in here keeps its watch, which must not go with its old name.
      for name in seen { if let look = name.look { noteWatches(look.0) } }
      for name in seen { note(name.name, name.status, event: event, name.look) }
    } catch {
      await lose(error)
    }
  }

  private func find(_ names: [EntryName], in own: EntryStatus, _ begun: Scout.Begun?)
    async throws(SystemError) -> NameLook.Found
  {
    if let begun { return try await begun.result() }
    let known = names.compactMap(\.string).map { ExactText($0) }.filter { folders[$0] != nil }
    let look = nameLook(in: own, known: Set(known), isAlone: names.count == 1)
    return try await workers.run { () throws(SystemError) in
      try look.run(names)
    } andThen: {
      look.prepare($0)
    }
  }

  private func nameLook(in own: EntryStatus, known: Set<ExactText>, isAlone: Bool) -> NameLook {
    let newcomers = Newcomers(
      known: known, isAlone: isAlone, directory: source.directory, rules: source.rules,
      usesLeases: usesLeases, time: time)
    return NameLook(scan: dropScan, own: own, newcomers: newcomers, taker: taker)
  }

  /// Lets a scout look at what comes next, if nothing else is known of the drop directory.
  func sendScout() {
    guard folders.isEmpty, let own else { return }
    let targets = watches.filter { $0.value == .dropDirectory }.map(\.key)
    hints.standBy(
      Scout(look: nameLook(in: own, known: [], isAlone: true), watches: targets, workers: workers))
  }

  /// Ends the watches of a look that is not used, and waits for it: the next look at that folder would be given the same watch by the
  /// kernel, and this would end it.
  func letGo(of begun: Scout.Begun?) async {
    guard let begun, let found = try? await begun.result() else { return }
    let new = (found.names ?? []).flatMap { $0.look?.0.watches.all ?? [] }
    for (watch, _) in new where watches[watch] == nil {
      inotify?.remove(watch)
    }
  }

  /// Takes in what a name of the drop directory is now; nil if it is gone.
  func note(
    _ name: EntryName, _ status: EntryStatus?, event: Bool, _ look: (CandidateLook, CandidateLook.Ending)?
  ) {
    if let why = DropScan.strangeness(of: name) {
      return flat.subject.index.observeStrange(
        name.description, why: status == nil ? nil : why, at: time.monotonic)
    }
    let text = name.string ?? ""
    let isNew = flat.subject.index.observe(text, status, at: time.monotonic)
    if let status, status.kind == .directory {
      noteFolder(text, status)
      if let look { folders[ExactText(text)]?.firstLook = look }
      return
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
