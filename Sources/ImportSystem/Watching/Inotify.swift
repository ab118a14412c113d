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
