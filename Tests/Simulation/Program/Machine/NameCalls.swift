import CSimulation
import Glibc

// The system calls of the simulated machine on names.

@_cdecl("sim_stat")
func simStat(
  _ directory: Int32, _ path: UnsafePointer<CChar>, _ flags: Int32, _ status: UnsafeMutablePointer<stat>
)
  -> Int
{
  scheduler.interleave()
  var found: Inode?
  if path.pointee == 0 {
    guard let handle = machine.handle(directory) else { return -Int(EBADF) }
    found = handle.inode
  } else {
    switch machine.find(directory, path) {
    case .failure(let code): return -Int(code)
    case .entry(_, _, let inode): found = inode
    }
  }
  guard let inode = found else { return -Int(ENOENT) }
  var raw = stat()
  raw.st_dev = dev_t(inode.device)
  raw.st_ino = ino_t(inode.number)
  let kind: UInt32 =
    switch inode.kind {
    case .file: S_IFREG
    case .directory: S_IFDIR
    case .socket: S_IFSOCK
    }
  raw.st_mode = kind | inode.mode
  raw.st_nlink = nlink_t(inode.isDirectory ? 2 : inode.links)
  raw.st_size = off_t(inode.isDirectory ? 40 : inode.data.count)
  raw.st_mtim = timespec(nanoseconds: inode.modified)
  raw.st_ctim = timespec(
    nanoseconds: mutation == .orderTurned ? 2 * Machine.beginning - inode.changed : inode.changed)
  raw.st_atim = raw.st_mtim
  status.pointee = raw
  return 0
}

extension timespec {
  init(nanoseconds: Int64) {
    self.init(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
  }
}

@_cdecl("sim_mkdir") func simMkdir(_ directory: Int32, _ path: UnsafePointer<CChar>, _ mode: UInt32) -> Int {
  scheduler.interleave()
  switch machine.find(directory, path) {
  case .failure(let code): return -Int(code)
  case .entry(_, _, _?): return -Int(EEXIST)
  case .entry(let parent, let name, nil):
    if let code = machine.refusal(.create, parent, name) { return -Int(code) }
    machine.attach(machine.makeInode(.directory, in: parent, mode: mode & 0o7777), to: parent, name, nil)
    machine.notify(parent, name, UInt32(IN_CREATE | IN_ISDIR))
    return 0
  }
}

@_cdecl("sim_rename")
func simRename(
  _ from: Int32, _ path: UnsafePointer<CChar>, _ to: Int32, _ newPath: UnsafePointer<CChar>, _ flags: UInt32
) -> Int {
  scheduler.interleave()
  guard case .entry(let parent, let name, let inode?) = machine.find(from, path) else {
    if case .failure(let code) = machine.find(from, path) { return -Int(code) }
    return -Int(ENOENT)
  }
  guard case .entry(let target, let newName, let old) = machine.find(to, newPath) else {
    if case .failure(let code) = machine.find(to, newPath) { return -Int(code) }
    return -Int(ENOENT)
  }
  if inode.device != target.device { return -Int(EXDEV) }
  if let old {
    let isReplaced = flags & 1 != 0 && mutation == .replacing
    if flags & 1 != 0, !isReplaced { return -Int(EEXIST) }
    if old === inode { return 0 }
    if old.isDirectory != inode.isDirectory { return -Int(old.isDirectory ? EISDIR : ENOTDIR) }
    if !old.entries.isEmpty, !isReplaced { return -Int(ENOTEMPTY) }
  }
  if let code = machine.refusal(.rename, inode, Name("-> \(machine.path(of: target))/\(newName.text)")) {
    return -Int(code)
  }
  let move = Inode.Move(inode, from: parent, name, to: target, newName)
  machine.detach(name, from: parent, move)
  machine.attach(inode, to: target, newName, move)
  machine.touch(inode, content: false)
  let kind = inode.isDirectory ? UInt32(IN_ISDIR) : 0
  machine.notify(parent, name, UInt32(IN_MOVED_FROM) | kind)
  machine.notify(target, newName, UInt32(IN_MOVED_TO) | kind)
  machine.notifyItself(inode, UInt32(IN_MOVE_SELF))
  return 0
}

@_cdecl("sim_link")
func simLink(_ from: Int32, _ path: UnsafePointer<CChar>, _ to: Int32, _ newPath: UnsafePointer<CChar>) -> Int
{
  scheduler.interleave()
  guard case .entry(_, _, let inode?) = machine.find(from, path), !inode.isDirectory else {
    return -Int(ENOENT)
  }
  guard case .entry(let target, let name, let old) = machine.find(to, newPath) else { return -Int(ENOENT) }
  if old != nil { return -Int(EEXIST) }
  if let code = machine.refusal(.create, target, name) { return -Int(code) }
  machine.attach(inode, to: target, name, nil)
  machine.touch(inode, content: false)
  machine.notify(target, name, UInt32(IN_CREATE))
  return 0
}

@_cdecl("sim_unlink") func simUnlink(_ directory: Int32, _ path: UnsafePointer<CChar>, _ flags: Int32) -> Int
{
  scheduler.interleave()
  guard case .entry(let parent, let name, let inode?) = machine.find(directory, path) else {
    if case .failure(let code) = machine.find(directory, path) { return -Int(code) }
    return -Int(ENOENT)
  }
  if flags & AT_REMOVEDIR != 0 {
    guard inode.isDirectory else { return -Int(ENOTDIR) }
    guard inode.entries.isEmpty else { return -Int(ENOTEMPTY) }
  } else if inode.isDirectory {
    return -Int(EISDIR)
  }
  if let code = machine.refusal(.remove, parent, name) { return -Int(code) }
  machine.detach(name, from: parent, nil)
  machine.removed(inode)
  machine.notify(parent, name, UInt32(IN_DELETE) | (inode.isDirectory ? UInt32(IN_ISDIR) : 0))
  return 0
}
