import ImportCore
import ImportRuntime
import ImportSystem
import Synchronization

/// Watches one drop directory and the folders in it (inotify(7)), and collects what has changed until the intake drains it. Events
/// only mark entries dirty; every set is examined again before it is claimed.
///
/// Domains: `state` is guarded by its mutex; events come from the event thread, requests from anywhere, and one task waits.
final class DirectoryWatcher: Sendable {
  /// What a watch is for.
  enum Target: Hashable {
    case dropDirectory
    /// A folder by its name, or one in it by its path.
    case folder(ExactText, prefix: String)
    /// The nearest directory that is there, while the drop directory is not.
    case ancestor
  }

  struct Changes: Sendable {
    /// Everything is to be listed again.
    var isScanDue = false
    /// Events were lost: what is known of the folders cannot be relied on.
    var hasLostEvents = false
    /// Names of the drop directory that came, or changed.
    var names: Set<EntryName> = []
    /// Names that left it, and have not come again.
    var left: Set<EntryName> = []
    /// Paths that changed in each folder; none if the folder itself did.
    var inFolders: [ExactText: Set<ExactText>] = [:]
    /// Folders that are to be listed again, for a name that no set can have.
    var toList: Set<ExactText> = []
  }

  fileprivate struct State {
    var inotify: Inotify?
    var events: [InotifyEvent] = []
    var isScanWanted = false
    var targets: [Inotify.Watch: Target] = [:]
    /// The watch of which an event is expected.
    var expected: Inotify.Watch?
  }

  private let state = Mutex(State())
  /// Signalled when anything is noticed.
  private let news = Latch()
  /// Signalled when an event has come that was expected.
  private let arrivals = Latch()
  private let thread: EventThread
  /// Events that are kept, at most; with more, everything is examined.
  private static let mostEvents = 100_000

  init(_ thread: EventThread) { self.thread = thread }

  var inotify: Inotify? { state.withLock { $0.inotify } }

  /// How many directories are watched.
  var count: Int { state.withLock { $0.targets.count } }

  /// Opens the list of watches, if that was not done.
  func open() throws(SystemError) {
    guard inotify == nil else { return }
    let inotify = try Inotify()
    state.withLock { $0.inotify = inotify }
    thread.add(inotify.descriptor) { [weak self] in self?.add(inotify.read()) }
  }

  /// Ends all watching.
  func close() {
    guard let inotify = state.withLock({ $0.inotify.take() }) else { return }
    thread.remove(inotify.descriptor)
  }

  private func add(_ events: [InotifyEvent]) {
    let hasArrived = state.withLock { state in
      state.events += events
      if state.events.count > Self.mostEvents { state.events = [.overflow] }
      // An overflow shows as well that events arrive.
      guard let watch = state.expected, events.contains(.overflow) || events.contains(.changedItself(watch))
      else { return false }
      state.expected = nil
      return true
    }
    if hasArrived { arrivals.signal() }
    news.signal()
  }

  // MARK: Targets

  func register(_ watches: [(watch: Inotify.Watch, target: Target)]) {
    state.withLock { state in for (watch, target) in watches { state.targets[watch] = target } }
  }

  /// Ends the watches whose target is as wanted, but for those in `kept`.
  func remove(keeping kept: [Inotify.Watch] = [], where isWanted: (Target) -> Bool) {
    state.withLock { state in
      for (watch, target) in state.targets where isWanted(target) && !kept.contains(watch) {
        state.inotify?.remove(watch)
        state.targets[watch] = nil
      }
    }
  }

  // MARK: Changes

  /// Wants everything to be listed again.
  func wantScan() {
    state.withLock { $0.isScanWanted = true }
    news.signal()
  }

  var isEmpty: Bool { state.withLock { $0.events.isEmpty && !$0.isScanWanted } }

  /// Returns when anything has changed, at `deadline`, or when the task is cancelled.
  func wait(until deadline: MonotonicInstant?, _ time: any Time) async {
    let seen = news.version
    guard isEmpty else { return }
    guard let deadline else { return await news.wait(after: seen) }
    await news.wait(after: seen, until: deadline, time)
  }

  /// What has changed since this was asked last.
  func takeChanges() -> Changes {
    state.withLock { state in
      var changes = Changes(isScanDue: state.isScanWanted)
      for event in state.events { state.sort(event, into: &changes) }
      state.events = []
      state.isScanWanted = false
      return changes
    }
  }

  // MARK: Self-test

  /// Begins to expect an event of this watch.
  func expectEvent(of watch: Inotify.Watch) { state.withLock { $0.expected = watch } }

  /// Returns true as soon as the event that is expected has come; false when the task is cancelled.
  func waitForExpected() async -> Bool {
    while !Task.isCancelled {
      let seen = arrivals.version
      if state.withLock({ $0.expected == nil }) { return true }
      await arrivals.wait(after: seen)
    }
    return false
  }
}

extension DirectoryWatcher.State {
  fileprivate mutating func sort(_ event: InotifyEvent, into changes: inout DirectoryWatcher.Changes) {
    switch event {
    case .overflow:
      changes.hasLostEvents = true
      changes.isScanDue = true
    case .ended(let watch):
      if targets.removeValue(forKey: watch) == .dropDirectory { changes.isScanDue = true }
    case .lost(let watch): sort(changeOf: targets[watch], isLost: true, into: &changes)
    case .changedItself(let watch): sort(changeOf: targets[watch], isLost: false, into: &changes)
    case .left(let watch, let name) where targets[watch] == .dropDirectory:
      changes.names.remove(name)
      changes.left.insert(name)
    case .changed(let watch, let name) where targets[watch] == .dropDirectory:
      changes.left.remove(name)
      changes.names.insert(name)
    case .changed(let watch, let name), .left(let watch, let name):
      switch targets[watch] {
      case .ancestor: changes.isScanDue = true
      case .folder(let folder, let prefix):
        // Litter is no entry, but it changes the directory that it is in.
        if Litter.isLitter(name.bytes) {
          changes.inFolders[folder, default: []].insert(ExactText(String(prefix.dropLast())))
          return
        }
        if DirectoryScanner.obstacle(of: name) != nil { changes.toList.insert(folder) }
        changes.inFolders[folder, default: []].insert(ExactText(prefix + (name.string ?? "")))
      case .dropDirectory, nil: return
      }
    }
  }

  /// A directory itself has changed, or was moved or removed.
  private func sort(
    changeOf target: DirectoryWatcher.Target?, isLost: Bool, into changes: inout DirectoryWatcher.Changes
  ) {
    switch target {
    case nil: return
    case .dropDirectory: changes.isScanDue = changes.isScanDue || isLost
    case .ancestor: changes.isScanDue = true
    case .folder(let folder, _):
      // A folder that was moved out says so itself as well.
      let name = EntryName(folder.text)
      if changes.left.contains(name) { return }
      changes.names.insert(name)
      changes.inFolders[folder] = changes.inFolders[folder] ?? []
    }
  }
}
