import CLinux
import Glibc

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
