import Glibc

/// The name of a directory entry: any bytes.
struct Name: Hashable, Comparable {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }
  init(_ text: some StringProtocol) { bytes = Array(text.utf8) }

  var text: String { String(decoding: bytes, as: UTF8.self) }

  static func < (left: Name, right: Name) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }
}

/// A file, a directory or the node of a socket, with its state in memory and its state on the disk.
final class Inode {
  enum Kind { case file, directory, socket }

  /// A part of a file's content that was written and not synced.
  struct Write {
    var offset: Int
    var bytes: [UInt8]
    /// The length of the file after a truncation; nil for a write.
    var length: Int?
  }

  /// A change of one directory entry that was not synced.
  struct EntryChange {
    var name: Name
    /// The entry's new file; nil if the entry was removed.
    var inode: Inode?
    var move: Move?
  }

  /// The two halves of a rename. A journaling file system never makes the removal durable without the new entry.
  final class Move {
    let source: Inode
    let oldName: Name
    let target: Inode
    let name: Name
    var isPlaced = false
    /// The file, and its change time before the rename.
    let inode: Inode
    let changed: Int64

    init(_ inode: Inode, from source: Inode, _ oldName: Name, to target: Inode, _ name: Name) {
      (self.inode, changed) = (inode, inode.changed)
      (self.source, self.oldName) = (source, oldName)
      (self.target, self.name) = (target, name)
    }
  }

  let number: UInt64
  var device: UInt64
  let kind: Kind
  var mode: UInt32
  /// Nanoseconds of the calendar clock.
  var modified: Int64
  var changed: Int64
  var links = 0
  unowned(unsafe) var parent: Inode?
  var name = Name("")

  /// Content in memory and on the disk.
  var data: [UInt8] = []
  var stable: [UInt8] = []
  var writes: [Write] = []

  /// Entries in memory and on the disk.
  var entries: [Name: Inode] = [:]
  var stableEntries: [Name: Inode] = [:]
  var pending: [EntryChange] = []

  /// Open descriptions that can write.
  var writers = 0
  /// The read lease, and the holders of locks.
  var lease: Handle?
  var flock: Handle?
  var lock: Handle?
  var watches: [(instance: Notifier, number: Int32)] = []

  init(_ kind: Kind, number: UInt64, device: UInt64, mode: UInt32, at time: Int64) {
    self.kind = kind
    self.number = number
    self.device = device
    self.mode = mode
    modified = time
    changed = time
  }

  var isDirectory: Bool { kind == .directory }

  /// Makes the content durable.
  func syncData() {
    stable = data
    writes = []
  }

  /// Makes the entries durable, with the new entry of each file that was moved out.
  func syncEntries() {
    for change in pending {
      stableEntries[change.name] = change.inode
      guard let move = change.move else { continue }
      if let inode = change.inode {
        move.isPlaced = true
        // A directory is in one place, which can be reached.
        if inode.isDirectory, move.source !== self {
          move.source.sync(move.oldName)
          anchor()
        }
      } else {
        if !move.isPlaced { move.target.sync(move.name) }
        move.target.anchor()
      }
    }
    pending = []
  }

  /// Makes the entries durable that lead here.
  private func anchor() {
    var place = self
    while let parent = place.parent, parent !== place {
      parent.sync(place.name)
      place = parent
    }
  }

  private func sync(_ name: Name) {
    for change in pending where change.name == name {
      stableEntries[name] = change.inode
      if change.inode != nil { change.move?.isPlaced = true }
    }
    pending.removeAll { $0.name == name }
  }

  /// Makes this and everything below durable, as `sync -f` does.
  func syncTree() {
    syncData()
    syncEntries()
    for inode in entries.values { inode.syncTree() }
  }
}

/// An open description of a file, a directory, a socket or an event source.
final class Handle {
  enum Object {
    case node(Inode)
    case notifier(Notifier)
    case counter
    case signals(Signals)
    case socket(Socket)
  }

  let object: Object
  let canWrite: Bool
  /// The process: the number of the daemon's life, or 0 for everybody else.
  let owner: Int
  var offset = 0
  var listing: [(Name, Inode)]?
  var count: UInt64 = 0
  var hasBrokenLease = false
  /// The handle that wakes the thread that waits for events of this one, with others.
  weak var poller: Handle?

  init(_ object: Object, canWrite: Bool, owner: Int) {
    self.object = object
    self.canWrite = canWrite
    self.owner = owner
  }

  var inode: Inode? { if case .node(let inode) = object { inode } else { nil } }
}

/// A list of watches (inotify).
final class Notifier {
  struct Event: Equatable {
    var watch: Int32
    var mask: UInt32
    var name: Name?
  }

  var targets: [Int32: Inode] = [:]
  var last: Int32 = 0
  var events: [Event] = []
  var hasOverflowed = false
  /// Events that fit into the queue.
  let capacity: Int

  init(capacity: Int) { self.capacity = capacity }

  /// Queues an event as the kernel does: one like the last in the queue adds nothing.
  func add(_ event: Event) {
    guard events.last != event else { return }
    if events.count < capacity { return events.append(event) }
    let overflow = Event(watch: -1, mask: UInt32(IN_Q_OVERFLOW), name: nil)
    if events.last != overflow { events.append(overflow) }
    hasOverflowed = true
  }
}

/// Signals that wait to be read (signalfd).
final class Signals { var waiting: [Int32] = [] }

/// A local socket: a listener with callers, or one end of a connection to a simulated person.
final class Socket {
  var name: [UInt8]?
  var callers: [Socket] = []
  /// Bytes that the person has sent, and bytes that the person received.
  var input: [UInt8] = []
  var output: [UInt8] = []
  var isClosed = false
}
