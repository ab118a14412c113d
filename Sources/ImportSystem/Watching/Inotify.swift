import CLinux
import Glibc

/// Tells of changes in directories (inotify(7)). What it tells are hints: events may be lost, and then it says so.
/// Nothing here waits: the descriptor becomes readable when there is something to read.
public final class Inotify: Sendable {
  /// Names one watched directory in the events.
  public struct Watch: Hashable, Sendable {
    let number: Int32
  }

  private let owned: Descriptor

  /// Opens an empty watch list. EMFILE: the user has as many as `fs.inotify.max_user_instances` allows.
  public init() throws(SystemError) {
    owned = Descriptor(
      owning: try systemCall("watch", "directories") {
        inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
      })
  }

  /// The descriptor, readable when events have come; lent for as long as this object lives.
  public var descriptor: Int32 { owned.number }

  /// Watches what happens to the names in `directory`, whatever path leads to it. A directory that is watched
  /// already keeps its watch. ENOSPC: the user has as many watches as `fs.inotify.max_user_watches` allows.
  public func add(_ directory: Directory) throws(SystemError) -> Watch {
    let number = try systemCall("watch", quoted(directory.path)) {
      unsafe inotify_add_watch(descriptor, "/proc/self/fd/\(directory.descriptor)", Self.mask)
    }
    return Watch(number: number)
  }

  /// Ends a watch; one that has ended by itself is left alone.
  public func remove(_ watch: Watch) { _ = inotify_rm_watch(descriptor, watch.number) }

  /// Takes all events that have come.
  public func read() -> [InotifyEvent] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 8)
    defer { unsafe buffer.deallocate() }
    var events: [InotifyEvent] = []
    while true {
      let length = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if length < 0, errno == EINTR { continue }
      if length <= 0 { return events }
      unsafe InotifyEvent.append(UnsafeRawBufferPointer(rebasing: buffer[..<length]), to: &events)
      if length + Self.longestEvent <= buffer.count { return events }  // one more would have had room
    }
  }

  /// Bytes of an event with the longest name there can be, and a NUL.
  private static let longestEvent = 16 + Int(NAME_MAX) + 1

  /// Not IN_MODIFY: a writer would cause an event with each block, and only its end matters.
  private static let mask = UInt32(
    IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF
      | IN_MOVE_SELF | IN_ONLYDIR)
}

/// One thing that happened in or to a watched directory.
public enum InotifyEvent: Hashable, Sendable {
  /// Something happened to this name: it came, was closed after writing, or has other attributes.
  case changed(Inotify.Watch, EntryName)
  /// This name was moved away or removed. If it came again after that, another event says so.
  case left(Inotify.Watch, EntryName)
  /// The directory itself has other attributes.
  case changedItself(Inotify.Watch)
  /// The directory was removed, moved elsewhere, or its file system unmounted.
  case lost(Inotify.Watch)
  /// The watch has ended, by ``Inotify/remove(_:)`` or with its directory; no more events come of it.
  case ended(Inotify.Watch)
  /// Events were lost, for they came faster than they were read: only looking at everything can tell.
  case overflow

  /// A record of read(2): watch (4), mask (4), cookie (4), length of the name (4), name padded with NULs.
  static func append(_ records: UnsafeRawBufferPointer, to events: inout [InotifyEvent]) {
    var start = 0
    while start + 16 <= records.count {
      let number = unsafe records.loadUnaligned(fromByteOffset: start, as: Int32.self)
      let mask = unsafe records.loadUnaligned(fromByteOffset: start + 4, as: UInt32.self)
      let length = Int(unsafe records.loadUnaligned(fromByteOffset: start + 12, as: UInt32.self))
      let name = unsafe EntryName(bytes: records[(start + 16)..<(start + 16 + length)].prefix { $0 != 0 })
      events.append(event(Inotify.Watch(number: number), mask, length == 0 ? nil : name))
      start += 16 + length
    }
  }

  private static func event(_ watch: Inotify.Watch, _ mask: UInt32, _ name: EntryName?) -> InotifyEvent {
    func has(_ bits: Int32) -> Bool { mask & UInt32(bits) != 0 }
    if has(IN_Q_OVERFLOW) { return .overflow }
    if has(IN_IGNORED) { return .ended(watch) }
    if has(IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT) { return .lost(watch) }
    guard let name else { return .changedItself(watch) }
    return has(IN_MOVED_FROM | IN_DELETE) ? .left(watch, name) : .changed(watch, name)
  }
}
