import CSimulation
import Glibc

// The system calls of events, sockets, clocks and random numbers.

extension Notifier {
  /// Hands out events as read(2) does: records with watch, mask, cookie, length of the name, and the name padded with NULs.
  func read(into buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
    guard !events.isEmpty else { return -Int(EAGAIN) }
    if hasOverflowed { machine.overflows += 1 }
    hasOverflowed = false
    var written = 0
    while let event = events.first {
      let name = event.name.map { ($0.bytes.count + 1 + 15) / 16 * 16 } ?? 0
      if written + 16 + name > count { break }
      let record = UnsafeMutableRawBufferPointer(start: buffer + written, count: 16 + name)
      record.initializeMemory(as: UInt8.self, repeating: 0)
      record.storeBytes(of: event.watch, as: Int32.self)
      record.storeBytes(of: event.mask, toByteOffset: 4, as: UInt32.self)
      record.storeBytes(of: UInt32(name), toByteOffset: 12, as: UInt32.self)
      for (index, byte) in (event.name?.bytes ?? []).enumerated() { record[16 + index] = byte }
      written += 16 + name
      events.removeFirst()
    }
    return written
  }
}

@_cdecl("sim_inotify") func simInotify() -> Int {
  Int(machine.add(.notifier(Notifier(capacity: machine.notifierCapacity))))
}

@_cdecl("sim_watch") func simWatch(_ number: Int32, _ path: UnsafePointer<CChar>) -> Int {
  guard case .notifier(let notifier)? = machine.handle(number)?.object else { return -Int(EBADF) }
  guard case .entry(_, _, let inode?) = machine.find(-1, path) else { return -Int(ENOENT) }
  guard inode.isDirectory else { return -Int(ENOTDIR) }
  if let watch = inode.watches.first(where: { $0.instance === notifier }) { return Int(watch.number) }
  notifier.last += 1
  notifier.targets[notifier.last] = inode
  inode.watches.append((notifier, notifier.last))
  return Int(notifier.last)
}

@_cdecl("sim_unwatch") func simUnwatch(_ number: Int32, _ watch: Int32) -> Int {
  guard case .notifier(let notifier)? = machine.handle(number)?.object else { return -Int(EBADF) }
  guard let inode = notifier.targets.removeValue(forKey: watch) else { return -Int(EINVAL) }
  inode.watches.removeAll { $0.instance === notifier }
  notifier.add(.init(watch: watch, mask: UInt32(IN_IGNORED), name: nil))
  return 0
}

@_cdecl("sim_eventfd") func simEventfd() -> Int { Int(machine.add(.counter)) }

@_cdecl("sim_signalfd") func simSignalfd() -> Int { Int(machine.add(.signals(Signals()))) }

/// Never waits: the scheduler polls when it likes.
@_cdecl("sim_poll") func simPoll(_ entries: UnsafeMutablePointer<pollfd>, _ count: UInt) -> Int {
  var ready = 0
  machine.note(polled: (0..<Int(count)).compactMap { machine.handle(entries[$0].fd) })
  for index in 0..<Int(count) {
    let wanted = entries[index].events
    var events: Int16 = wanted & Int16(POLLOUT)
    if wanted & Int16(POLLIN) != 0, let handle = machine.handle(entries[index].fd), machine.isReadable(handle)
    {
      events |= Int16(POLLIN)
    }
    entries[index].revents = events
    if events != 0 { ready += 1 }
  }
  return ready
}

@_cdecl("sim_socket") func simSocket() -> Int { Int(machine.add(.socket(Socket()))) }

@_cdecl("sim_bind") func simBind(_ number: Int32, _ address: UnsafeRawPointer, _ length: UInt32) -> Int {
  guard case .socket(let socket)? = machine.handle(number)?.object else { return -Int(EBADF) }
  let bytes = Array(UnsafeRawBufferPointer(start: address + 2, count: Int(length) - 2))
  guard bytes.first != 0 else {
    if machine.abstractNames[bytes] != nil { return -Int(EADDRINUSE) }
    machine.abstractNames[bytes] = socket
    socket.name = bytes
    return 0
  }
  let path = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  guard case .entry(let parent, let name, nil) = path.withCString({ machine.find(-1, $0) }) else {
    return -Int(EADDRINUSE)
  }
  machine.attach(machine.makeInode(.socket, in: parent, mode: 0o755), to: parent, name, nil)
  machine.listeners[path] = socket
  return 0
}

@_cdecl("sim_accept") func simAccept(_ number: Int32) -> Int {
  guard case .socket(let socket)? = machine.handle(number)?.object else { return -Int(EBADF) }
  guard !socket.callers.isEmpty else { return -Int(EAGAIN) }
  return Int(machine.add(.socket(socket.callers.removeFirst())))
}

@_cdecl("sim_receive") func simReceive(_ number: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int)
  -> Int
{
  guard case .socket(let socket)? = machine.handle(number)?.object else { return -Int(EBADF) }
  if socket.input.isEmpty { return socket.isClosed ? 0 : -Int(EAGAIN) }
  let length = min(count, socket.input.count)
  socket.input.withUnsafeBytes { buffer.copyMemory(from: $0.baseAddress!, byteCount: length) }
  socket.input.removeFirst(length)
  return length
}

@_cdecl("sim_send") func simSend(_ number: Int32, _ buffer: UnsafeRawPointer, _ count: Int) -> Int {
  guard case .socket(let socket)? = machine.handle(number)?.object else { return -Int(EBADF) }
  socket.output += UnsafeRawBufferPointer(start: buffer, count: count)
  return count
}

@_cdecl("sim_hang_up") func simHangUp(_ number: Int32) -> Int {
  guard case .socket(let socket)? = machine.handle(number)?.object else { return -Int(EBADF) }
  socket.isClosed = true
  return 0
}

@_cdecl("sim_realpath") func simRealpath(_ path: UnsafePointer<CChar>) -> Int {
  guard case .entry(_, _, _?) = machine.find(-1, path) else { return -Int(ENOENT) }
  return 0
}

@_cdecl("sim_clock") func simClock(_ clock: Int32, _ time: UnsafeMutablePointer<timespec>) {
  let isCalendar = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE
  time.pointee = timespec(nanoseconds: isCalendar ? machine.calendar : machine.monotonic)
}

@_cdecl("sim_random") func simRandom(_ buffer: UnsafeMutableRawPointer, _ count: Int) {
  for index in 0..<count {
    buffer.storeBytes(
      of: UInt8(truncatingIfNeeded: machine.entropy.next()), toByteOffset: index, as: UInt8.self)
  }
}
