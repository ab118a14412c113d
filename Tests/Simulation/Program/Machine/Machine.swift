import CSimulation
import Glibc

/// A simulated machine: files, locks, watches, sockets, clocks. Everything happens on the calling thread and is decided by
/// nothing but the calls and the machine's own random numbers.
final class Machine {
  /// Calendar time at the start, in nanoseconds since 1970: 2026-11-24T07:05:12Z.
  static let beginning: Int64 = 1_795_503_912_000_000_000

  /// Nanoseconds since the machine was made.
  var elapsed: Int64 = 0
  /// Distance by which the calendar clock was set, in nanoseconds.
  var clockOffset: Int64 = 0
  /// Granularity of times of files, in nanoseconds.
  var fileClock: Int64 = 1
  var entropy: Random
  /// The life of the daemon to which calls belong; 0 for everybody else.
  var life = 0
  /// True once the daemon of this life is dead: its calls change nothing any more.
  var isDead = false

  private(set) var root: Inode
  private var lastInode: UInt64 = 1
  private var lastDescriptor = Int32(simulation_first_descriptor)
  private(set) var handles: [Int32: Handle] = [:]
  /// Handles of events and sockets.
  private var sources: [Handle] = []
  var abstractNames: [[UInt8]: Socket] = [:]
  var listeners: [String: Socket] = [:]

  /// Faults of the disk.
  var faults = DiskFaults()
  /// Events that fit into a queue of inotify.
  var notifierCapacity = 16384
  /// Number of overflows that were read.
  var overflows = 0
  /// Calls of the daemon that change the disk.
  var changes = 0
  /// The daemon dies at this change, if any.
  var deathAt: Int?
  /// Called once at that change.
  var onDeath: () -> Void = {}
  /// Hears of each change that the daemon makes.
  var onChange: ((String) -> Void)?

  init(_ entropy: Random) {
    self.entropy = entropy
    root = Inode(.directory, number: 1, device: 1, mode: 0o755, at: Self.beginning)
    root.links = 1
    root.parent = root
  }

  var monotonic: Int64 { 1_000_000_000_000 + elapsed }
  var calendar: Int64 { Self.beginning + elapsed + clockOffset }
  private var fileTime: Int64 { calendar / fileClock * fileClock }

  // MARK: Descriptors

  func add(_ object: Handle.Object, canWrite: Bool = false) -> Int32 {
    lastDescriptor += 1
    let handle = Handle(object, canWrite: canWrite, owner: life)
    handles[lastDescriptor] = handle
    if handle.inode == nil { sources.append(handle) }
    if canWrite { handles[lastDescriptor]?.inode?.writers += 1 }
    return lastDescriptor
  }

  func handle(_ number: Int32) -> Handle? { handles[number] }

  func close(_ number: Int32) -> Int {
    guard let handle = handles.removeValue(forKey: number) else { return -Int(EBADF) }
    if handle.inode == nil { sources.removeAll { $0 === handle } }
    switch handle.object {
    case .node(let inode):
      if inode.lease === handle { inode.lease = nil }
      if inode.flock === handle { inode.flock = nil }
      if inode.lock === handle { inode.lock = nil }
      guard handle.canWrite else { break }
      inode.writers -= 1
      notify(inode, UInt32(IN_CLOSE_WRITE))
    case .notifier(let notifier):
      for inode in notifier.targets.values { inode.watches.removeAll { $0.instance === notifier } }
    case .socket(let socket):
      socket.isClosed = true
      if let name = socket.name, abstractNames[name] === socket { abstractNames[name] = nil }
    case .counter, .signals: break
    }
    return 0
  }

  /// Ends a process: its descriptors are closed.
  func closeAll(of owner: Int) {
    for number in handles.filter({ $0.value.owner == owner }).map(\.key).sorted() { _ = close(number) }
  }

  func openCount(of owner: Int) -> Int { handles.values.reduce(0) { $1.owner == owner ? $0 + 1 : $0 } }

  // MARK: Paths

  enum Found {
    case entry(parent: Inode, name: Name, inode: Inode?)
    case failure(Int32)
  }

  /// Follows a path from the directory of a descriptor. The last component may be missing.
  func find(_ directory: Int32, _ path: UnsafePointer<CChar>) -> Found {
    var bytes = UnsafeBufferPointer(start: path, count: strlen(path)).map { UInt8(bitPattern: $0) }
    if bytes.starts(with: Array("/proc/self/fd/".utf8)) {
      guard let number = Int32(String(decoding: bytes.dropFirst(14), as: UTF8.self)),
        let inode = handles[number]?.inode
      else { return .failure(ENOENT) }
      return .entry(parent: inode.parent ?? inode, name: inode.name, inode: inode)
    }
    var place = root
    if bytes.first != UInt8(ascii: "/") {
      guard let inode = handles[directory]?.inode else { return .failure(EBADF) }
      place = inode
    }
    let wantsDirectory = bytes.last == UInt8(ascii: "/")
    bytes.append(UInt8(ascii: "/"))
    let parts = bytes.split(separator: UInt8(ascii: "/")).map { Name(Array($0)) }
    guard let last = parts.last else { return .entry(parent: root, name: Name(""), inode: root) }
    for part in parts.dropLast() {
      guard place.isDirectory else { return .failure(ENOTDIR) }
      guard let next = step(place, part) else { return .failure(ENOENT) }
      place = next
    }
    guard place.isDirectory else { return .failure(ENOTDIR) }
    if last.bytes.count > 255 { return .failure(ENAMETOOLONG) }
    let inode = step(place, last)
    if wantsDirectory, let inode, !inode.isDirectory { return .failure(ENOTDIR) }
    return .entry(parent: last.bytes == [46] ? place.parent ?? place : place, name: last, inode: inode)
  }

  private func step(_ place: Inode, _ name: Name) -> Inode? {
    if name.bytes == [46] { return place }
    if name.bytes == [46, 46] { return place.parent ?? place }
    return place.entries[name]
  }

  /// The file at an absolute path, for those who set the scene and judge.
  func inode(_ path: String) -> Inode? {
    guard case .entry(_, _, let inode) = path.withCString({ find(-1, $0) }) else { return nil }
    return inode
  }

  // MARK: Changes

  /// Asks before each call that changes the disk; the error number if it is to fail.
  func refusal(_ change: DiskFaults.Change, _ inode: Inode, _ name: Name? = nil) -> Int32? {
    guard life != 0 else { return nil }
    let code = judge(change)
    if let onChange {
      let place = path(of: inode) + (name.map { "/\($0.text)" } ?? "")
      onChange("\(change) \(place)" + (code.map { " fails with \($0)" } ?? ""))
    }
    return code
  }

  private func judge(_ change: DiskFaults.Change) -> Int32? {
    if isDead { return EIO }
    changes += 1
    if changes == deathAt {
      isDead = true
      onDeath()
      return EIO
    }
    return faults.refusal(change, &entropy)
  }

  func makeInode(_ kind: Inode.Kind, in parent: Inode, mode: UInt32) -> Inode {
    lastInode += 1
    return Inode(kind, number: lastInode, device: parent.device, mode: mode, at: fileTime)
  }

  /// Makes a directory on a file system of its own; to be called before the daemon begins.
  func mount(_ path: String) {
    guard case .entry(let parent, let name, nil) = path.withCString({ find(-1, $0) }) else { return }
    lastInode += 1
    let inode = Inode(.directory, number: lastInode, device: parent.device + 1, mode: 0o755, at: fileTime)
    attach(inode, to: parent, name, nil)
    parent.syncEntries()
  }

  func attach(_ inode: Inode, to parent: Inode, _ name: Name, _ move: Inode.Move?) {
    if let old = parent.entries[name], old !== inode { drop(old) }
    parent.entries[name] = inode
    parent.pending.append(.init(name: name, inode: inode, move: move))
    inode.parent = parent
    inode.name = name
    inode.links += 1
    touch(parent, content: true)
  }

  func detach(_ name: Name, from parent: Inode, _ move: Inode.Move?) {
    guard let inode = parent.entries.removeValue(forKey: name) else { return }
    parent.pending.append(.init(name: name, inode: nil, move: move))
    inode.links -= 1
    touch(parent, content: true)
  }

  private func drop(_ inode: Inode) {
    inode.links -= 1
    inode.changed = fileTime
    guard inode.links == 0 else { return }
    notifyItself(inode, UInt32(IN_DELETE_SELF))
    for watch in inode.watches {
      watch.instance.targets[watch.number] = nil
      watch.instance.add(.init(watch: watch.number, mask: UInt32(IN_IGNORED), name: nil))
    }
    inode.watches = []
  }

  func removed(_ inode: Inode) {
    inode.links += 1
    drop(inode)
  }

  func touch(_ inode: Inode, content: Bool) {
    inode.changed = fileTime
    if content { inode.modified = fileTime }
  }

  // MARK: Events

  func notify(_ directory: Inode, _ name: Name, _ mask: UInt32) {
    for watch in directory.watches { watch.instance.add(.init(watch: watch.number, mask: mask, name: name)) }
  }

  func notifyItself(_ inode: Inode, _ mask: UInt32) {
    for watch in inode.watches { watch.instance.add(.init(watch: watch.number, mask: mask, name: nil)) }
  }

  /// An event of a file, for the watches of its directory and its own.
  func notify(_ inode: Inode, _ mask: UInt32) {
    if inode.links > 0, let parent = inode.parent { notify(parent, inode.name, mask) }
    notifyItself(inode, mask)
  }

  /// True if something waits in an event source of this life.
  var hasEvents: Bool { sources.contains { $0.owner == life && isEvent($0) } }

  private func isEvent(_ handle: Handle) -> Bool {
    switch handle.object {
    case .node: false
    case .socket(let socket): handle.poller != nil && !socket.callers.isEmpty
    case .notifier, .signals: handle.poller != nil && isReadable(handle)
    case .counter: isReadable(handle)
    }
  }

  /// Takes in for what a thread waits that is woken by the first of these handles: nothing else is an event for it.
  func note(polled handles: [Handle]) {
    guard let first = handles.first, case .counter = first.object else { return }
    for source in sources where source.poller === first { source.poller = nil }
    for handle in handles { handle.poller = first }
  }

  func isReadable(_ handle: Handle) -> Bool {
    switch handle.object {
    case .notifier(let notifier): !notifier.events.isEmpty
    case .counter: handle.count > 0
    case .signals(let signals): !signals.waiting.isEmpty
    case .socket(let socket): !socket.callers.isEmpty || !socket.input.isEmpty || socket.isClosed
    case .node: true
    }
  }

  /// Sends a signal to the daemon; false if it does not listen yet.
  func raise(_ signal: Int32, in life: Int) -> Bool {
    for handle in sources where handle.owner == life {
      guard case .signals(let signals) = handle.object else { continue }
      signals.waiting.append(signal)
      return true
    }
    return false
  }

  /// Loses the events that wait.
  func loseEvents() {
    for handle in handles.values { if case .notifier(let notifier) = handle.object { notifier.events = [] } }
  }

  // MARK: Power

  /// Replaces the disk by what a power cut left of it.
  func replaceRoot(_ root: Inode) { self.root = root }
}

/// Faults of the disk that a plan switches on and off.
struct DiskFaults {
  enum Change { case create, write, sync, rename, remove, attribute }

  var isFull = false
  var shortWrites = false
  /// Shares of calls that fail with EIO, in 10,000.
  var failing: [Change: Int] = [:]
  var hits = 0

  mutating func refusal(_ change: Change, _ random: inout Random) -> Int32? {
    if isFull, change == .create || change == .write {
      hits += 1
      return ENOSPC
    }
    guard let share = failing[change], share > 0, random.below(10_000) < share else { return nil }
    hits += 1
    return EIO
  }
}
