import CSimulation
import Glibc

// The system calls of the simulated machine on open files (CSimulation.h), for the one machine of this process.
nonisolated(unsafe) var machine = Machine(Random(seed: 0))

private let pathOnly: Int32 = 0o10_000_000

@_cdecl("sim_open") func simOpen(
  _ directory: Int32, _ path: UnsafePointer<CChar>, _ flags: Int32, _ mode: UInt32
)
  -> Int
{
  // The folder of notices is opened with a lock held. Another thread would wait for it, which one thread cannot do.
  if strcmp(path, "notify") != 0 { scheduler.interleave() }
  guard case .entry(let parent, let name, var inode) = machine.find(directory, path) else {
    if case .failure(let code) = machine.find(directory, path) { return -Int(code) }
    return -Int(ENOENT)
  }
  let accessMode = flags & O_ACCMODE
  let canWrite = accessMode == O_WRONLY || accessMode == O_RDWR
  if let inode {
    if flags & O_CREAT != 0, flags & O_EXCL != 0 { return -Int(EEXIST) }
    if flags & O_DIRECTORY != 0, !inode.isDirectory { return -Int(ENOTDIR) }
    if canWrite, inode.isDirectory { return -Int(EISDIR) }
    if inode.kind == .socket, flags & pathOnly == 0 { return -Int(ENXIO) }
    if canWrite, let lease = inode.lease {
      lease.hasBrokenLease = true
      return -Int(EAGAIN)
    }
  } else {
    guard flags & O_CREAT != 0 else { return -Int(ENOENT) }
    if let code = machine.refusal(.create, parent, name) { return -Int(code) }
    let made = machine.makeInode(.file, in: parent, mode: mode & 0o777)
    machine.attach(made, to: parent, name, nil)
    machine.notify(parent, name, UInt32(IN_CREATE))
    inode = made
  }
  guard let inode else { return -Int(ENOENT) }
  let number = machine.add(.node(inode), canWrite: canWrite && flags & pathOnly == 0)
  if flags & O_TRUNC != 0, canWrite { _ = simTruncate(number, 0) }
  return Int(number)
}

@_cdecl("sim_close") func simClose(_ number: Int32) -> Int { machine.close(number) }

@_cdecl("sim_read") func simRead(_ number: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
  guard let handle = machine.handle(number) else { return -Int(EBADF) }
  switch handle.object {
  case .counter:
    guard handle.count > 0 else { return -Int(EAGAIN) }
    buffer.storeBytes(of: handle.count, as: UInt64.self)
    handle.count = 0
    return 8
  case .notifier(let notifier): return notifier.read(into: buffer, count)
  case .node:
    let length = simPread(number, buffer, count, handle.offset)
    if length > 0 { handle.offset += length }
    return length
  case .signals(let signals):
    guard !signals.waiting.isEmpty else { return -Int(EAGAIN) }
    UnsafeMutableRawBufferPointer(start: buffer, count: count).initializeMemory(as: UInt8.self, repeating: 0)
    buffer.storeBytes(of: UInt32(signals.waiting.removeFirst()), as: UInt32.self)
    return count
  case .socket: return -Int(EINVAL)
  }
}

@_cdecl("sim_write") func simWrite(_ number: Int32, _ buffer: UnsafeRawPointer, _ count: Int) -> Int {
  guard let handle = machine.handle(number) else { return -Int(EBADF) }
  if case .counter = handle.object {
    handle.count += 1
    return 8
  }
  let length = simPwrite(number, buffer, count, handle.offset)
  if length > 0 { handle.offset += length }
  return length
}

@_cdecl("sim_pread")
func simPread(_ number: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int, _ offset: Int) -> Int {
  guard let inode = machine.handle(number)?.inode else { return -Int(EBADF) }
  if inode.isDirectory { return -Int(EISDIR) }
  guard offset < inode.data.count else { return 0 }
  let length = min(count, inode.data.count - offset)
  inode.data.withUnsafeBytes { buffer.copyMemory(from: $0.baseAddress! + offset, byteCount: length) }
  return length
}

@_cdecl("sim_pwrite")
func simPwrite(_ number: Int32, _ buffer: UnsafeRawPointer, _ count: Int, _ offset: Int) -> Int {
  scheduler.interleave()
  guard let handle = machine.handle(number), let inode = handle.inode, handle.canWrite else {
    return -Int(EBADF)
  }
  if let code = machine.refusal(.write, inode) { return -Int(code) }
  var count = count
  // The disk may take a part only.
  if machine.life != 0, machine.faults.shortWrites, count > 1, machine.entropy.chance(10) {
    count = machine.entropy.between(1, count - 1)
  }
  var bytes = Array(UnsafeRawBufferPointer(start: buffer, count: count))
  if mutation == .writesLost, machine.life != 0, inode.name == Name("journal.jsonl"),
    machine.entropy.chance(5)
  {
    bytes.removeLast(bytes.count / 2)
  }
  inode.write(bytes, at: offset)
  machine.touch(inode, content: true)
  return count
}

@_cdecl("sim_seek") func simSeek(_ number: Int32, _ offset: Int, _ whence: Int32) -> Int {
  guard let handle = machine.handle(number) else { return -Int(EBADF) }
  handle.offset = offset
  handle.listing = nil
  return offset
}

@_cdecl("sim_sync") func simSync(_ number: Int32, _ dataOnly: Int32) -> Int {
  scheduler.interleave()
  guard let inode = machine.handle(number)?.inode else { return -Int(EBADF) }
  if let code = machine.refusal(.sync, inode) { return -Int(code) }
  if machine.life != 0, mutation?.skips(inode) == true { return 0 }
  if inode.isDirectory { inode.syncEntries() } else { inode.syncData() }
  return 0
}

@_cdecl("sim_truncate") func simTruncate(_ number: Int32, _ length: Int) -> Int {
  scheduler.interleave()
  guard let handle = machine.handle(number), let inode = handle.inode, handle.canWrite else {
    return -Int(EINVAL)
  }
  if let code = machine.refusal(.write, inode) { return -Int(code) }
  inode.truncate(to: length)
  machine.touch(inode, content: true)
  return 0
}

@_cdecl("sim_chmod") func simChmod(_ number: Int32, _ path: UnsafePointer<CChar>?, _ mode: UInt32) -> Int {
  var found = machine.handle(number)?.inode
  if let path, case .entry(_, _, let inode) = machine.find(-1, path) { found = inode }
  guard let inode = found else { return -Int(ENOENT) }
  if let code = machine.refusal(.attribute, inode) { return -Int(code) }
  inode.mode = mode & 0o7777
  machine.touch(inode, content: false)
  machine.notify(inode, UInt32(IN_ATTRIB))
  return 0
}

@_cdecl("sim_touch") func simTouch(_ number: Int32) -> Int {
  guard let inode = machine.handle(number)?.inode else { return -Int(EBADF) }
  if machine.isDead, machine.life != 0 { return -Int(EIO) }
  machine.touch(inode, content: false)
  machine.notify(inode, UInt32(IN_ATTRIB))
  return 0
}

@_cdecl("sim_access") func simAccess(_ directory: Int32, _ path: UnsafePointer<CChar>) -> Int {
  switch machine.find(directory, path) {
  case .failure(let code): -Int(code)
  case .entry(_, _, let inode): inode == nil ? -Int(ENOENT) : 0
  }
}

@_cdecl("sim_list") func simList(_ number: Int32, _ buffer: UnsafeMutableRawPointer, _ size: Int) -> Int {
  scheduler.interleave()
  guard let handle = machine.handle(number), let inode = handle.inode else { return -Int(EBADF) }
  guard inode.isDirectory else { return -Int(ENOTDIR) }
  if mutation == .directoriesStale, machine.path(of: inode).contains("/drop/"),
    machine.elapsed > 1_000_000_000
  {
    return 0
  }
  // The order of a hashed directory: any, but the same each time.
  var rest =
    handle.listing
    ?? inode.entries.sorted {
      ($0.value.number * 7919 % 1009, $0.key) < ($1.value.number * 7919 % 1009, $1.key)
    }
    .map { ($0.key, $0.value) }
  var written = 0
  while let (name, entry) = rest.first {
    let length = (19 + name.bytes.count + 1 + 7) / 8 * 8
    if written + length > size { break }
    let record = UnsafeMutableRawBufferPointer(start: buffer + written, count: length)
    record.initializeMemory(as: UInt8.self, repeating: 0)
    record.storeBytes(of: entry.number, as: UInt64.self)
    record.storeBytes(of: UInt16(length), toByteOffset: 16, as: UInt16.self)
    for (index, byte) in name.bytes.enumerated() { record[19 + index] = byte }
    written += length
    rest.removeFirst()
  }
  handle.listing = rest
  return written
}

@_cdecl("sim_statfs") func simStatfs(_ number: Int32, _ figures: UnsafeMutablePointer<statfs>) -> Int {
  guard machine.handle(number)?.inode != nil else { return -Int(EBADF) }
  var raw = statfs()
  raw.f_type = 0xEF53
  raw.f_frsize = 4096
  raw.f_bsize = 4096
  raw.f_bavail = machine.faults.isFull ? 0 : 1 << 20
  raw.f_bfree = raw.f_bavail
  raw.f_blocks = 1 << 21
  raw.f_files = 1 << 20
  raw.f_ffree = 1 << 19
  figures.pointee = raw
  return 0
}

@_cdecl("sim_flock") func simFlock(_ number: Int32, _ operation: Int32) -> Int {
  guard let handle = machine.handle(number), let inode = handle.inode else { return -Int(EBADF) }
  if let holder = inode.flock, holder !== handle { return -Int(EWOULDBLOCK) }
  inode.flock = handle
  return 0
}

@_cdecl("sim_fcntl") func simFcntl(_ number: Int32, _ command: Int32, _ argument: Int) -> Int {
  guard let handle = machine.handle(number) else { return -Int(EBADF) }
  guard let inode = handle.inode else { return 0 }
  switch command {
  case 1024:  // F_SETLEASE
    if argument == Int(F_UNLCK) {
      if inode.lease === handle { inode.lease = nil }
      return 0
    }
    if mutation == .leaseAlwaysGiven { return 0 }
    if inode.writers > 0 || (inode.lease != nil && inode.lease !== handle) { return -Int(EAGAIN) }
    inode.lease = handle
    return 0
  case 1025: return inode.lease === handle && !handle.hasBrokenLease ? Int(F_RDLCK) : Int(F_UNLCK)
  case 37:  // F_OFD_SETLK
    if let holder = inode.lock, holder !== handle { return -Int(EAGAIN) }
    inode.lock = handle
    return 0
  case 36:  // F_OFD_GETLK
    let lock = UnsafeMutablePointer<flock>(bitPattern: argument)
    if inode.lock == nil || inode.lock === handle { lock?.pointee.l_type = Int16(F_UNLCK) }
    return 0
  default: return 0
  }
}

extension Mutation {
  /// True if a sync of this file only claims to have happened.
  fileprivate func skips(_ inode: Inode) -> Bool {
    switch self {
    case .journalNotSynced: inode.name == Name("journal.jsonl")
    case .renameNotSynced: inode.isDirectory
    case .dataNotSynced: !inode.isDirectory && inode.name != Name("journal.jsonl")
    default: false
    }
  }
}
