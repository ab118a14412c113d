import CLinux
import Glibc

extension Directory {
  /// Asks what an entry is, without following a link; nil when there is none of that name.
  public func status(_ name: String) throws(SystemError) -> FileStatus? {
    try check(name, "examine")
    return try status(ofChecked: EntryName(name))
  }

  /// Asks the same of an entry whose name need not be UTF-8.
  public func status(_ name: EntryName) throws(SystemError) -> FileStatus? {
    guard name.isSingleComponent else {
      throw SystemError(call: "examine", object: quoted(path(of: name.description)), errno: EINVAL)
    }
    return try status(ofChecked: name)
  }

  /// Asks what this directory itself is now.
  public func ownStatus() throws(SystemError) -> FileStatus {
    try fileSystem.status(of: descriptor, for: "look", on: path)
  }

  /// True if the path still leads to this directory: not removed, replaced, or mounted over.
  public func isAtItsPath() throws(SystemError) -> Bool {
    let own = try ownStatus()
    var raw = stat()
    do {
      try fileSystem.perform(FileOperation(.statistics, for: "look", on: path)) { unsafe stat(path, &raw) }
    } catch  where error.isMissing || error.isNotDirectory {
      return false
    }
    return FileStatus(raw).isSameFile(as: own)
  }

  /// Lists the names in the directory, without `.` and `..`, in no order.
  public func entries() throws(SystemError) -> [EntryName] {
    // A descriptor of its own has a position of its own: two may list at the same time.
    let number = try fileSystem.perform(FileOperation(.list, for: "look", on: path)) {
      unsafe openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    let listing = Descriptor(owning: number)
    return try entries(of: listing.number)
  }

  /// Lists the names with the position of this object's own descriptor: to be asked once, by whoever opened it for this.
  public func entriesOnce() throws(SystemError) -> [EntryName] {
    try entries(of: descriptor)
  }

  /// The same, but stops once more than `limit` names have been read.
  public func entriesOnce(atMost limit: Int) throws(SystemError) -> [EntryName] {
    try entries(of: descriptor, atMost: limit)
  }

  /// Asks what the directories from this one up to the root are, this one first; no more than 1,024, as deep as a path can be
  /// opened by its name.
  public func ancestry() throws(SystemError) -> [FileStatus] {
    var found = [try ownStatus()]
    var place: SharedDescriptor?
    while found.count < 1024 {
      let from = place?.descriptor.number ?? descriptor
      let above = SharedDescriptor(
        owning: try fileSystem.perform(FileOperation(.open, for: "look", on: path)) {
          unsafe openat(from, "..", Self.pathOnly | O_DIRECTORY | O_CLOEXEC)
        })
      var raw = stat()
      try fileSystem.perform(FileOperation(.statistics, for: "look", on: path)) {
        unsafe fstat(above.descriptor.number, &raw)
      }
      let status = FileStatus(raw)
      if found.last?.isSameFile(as: status) == true { return found }
      found.append(status)
      place = above
    }
    return found
  }

  /// Lets ``entriesOnce()`` be asked once more, from the beginning.
  public func rewind() throws(SystemError) {
    try fileSystem.perform(FileOperation(.list, for: "look", on: path)) {
      Int32(lseek(descriptor, 0, SEEK_SET))
    }
  }

  /// Calls `body` with the name of each entry, without `.` and `..`, in no order, until it returns false. Memory does not
  /// grow with the number of entries.
  public func visitEntries(_ body: (EntryName) throws(SystemError) -> Bool) throws(SystemError) {
    let number = try fileSystem.perform(FileOperation(.list, for: "look", on: path)) {
      unsafe openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    let listing = Descriptor(owning: number)
    try visit(listing.number, body)
  }

  /// Lists the names in the order of their bytes. Names that are not UTF-8 are left out.
  public func sortedNames() throws(SystemError) -> [String] { Self.sorted(try entries()) }

  static func sorted(_ names: [EntryName]) -> [String] {
    names.compactMap(\.string).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Asks what kind of file system the directory lies on (fstatfs(2)).
  public func fileSystemKind() throws(SystemError) -> FileSystemKind {
    if let kind = fileSystem.kind { return kind }
    return FileSystemKind(magic: UInt32(truncatingIfNeeded: try figures().f_type))
  }

  /// Asks how many bytes a process without privileges may still write there, and how many files it may make; nil
  /// where the file system sets no number (fstatfs(2)).
  public func room() throws(SystemError) -> (bytes: Int64, inodes: Int64?) {
    let figures = try figures()
    let bytes = UInt64(figures.f_bavail).multipliedReportingOverflow(by: UInt64(figures.f_frsize))
      .partialValue
    return (Int64(clamping: bytes), figures.f_files == 0 ? nil : Int64(clamping: UInt64(figures.f_ffree)))
  }

  private func figures() throws(SystemError) -> statfs {
    var raw = statfs()
    try fileSystem.perform(FileOperation(.statistics, for: "look", on: path)) {
      unsafe fstatfs(descriptor, &raw)
    }
    return raw
  }

  private func entries(of listing: Int32, atMost limit: Int = .max) throws(SystemError) -> [EntryName] {
    var names: [EntryName] = []
    try visit(listing) { name in
      names.append(name)
      return names.count <= limit
    }
    return names
  }

  private func visit(_ listing: Int32, _ body: (EntryName) throws(SystemError) -> Bool) throws(SystemError) {
    // More than the heap keeps at hand would be asked of the system for each listing, and given back.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 * 1024, alignment: 8)
    defer { unsafe buffer.deallocate() }
    while true {
      let length = try fileSystem.perform(FileOperation(.list, for: "look", on: path)) {
        unsafe haplo_getdents(listing, buffer.baseAddress, buffer.count)
      }
      if length == 0 { return }
      let records = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<length])
      guard try unsafe Self.visitNames(of: records, body) else { return }
    }
  }

  /// A record of getdents64(2): inode (8), offset (8), length of the record (2), type (1), name, NUL. Returns false as soon
  /// as `body` does.
  private static func visitNames(
    of records: UnsafeRawBufferPointer, _ body: (EntryName) throws(SystemError) -> Bool
  ) throws(SystemError) -> Bool {
    var start = 0
    while start < records.count {
      let length = Int(unsafe records.loadUnaligned(fromByteOffset: start + 16, as: UInt16.self))
      let bytes = unsafe records[(start + 19)..<(start + length)].prefix { $0 != 0 }
      start += length
      let isDot = unsafe bytes.count <= 2 && bytes.allSatisfy { $0 == UInt8(ascii: ".") }
      guard !isDot else { continue }
      guard try body(unsafe EntryName(bytes: bytes)) else { return false }
    }
    return true
  }

  private func status(ofChecked name: EntryName) throws(SystemError) -> FileStatus? {
    var raw = stat()
    let bytes = name.bytes.map(CChar.init(bitPattern:)) + [0]
    do {
      try fileSystem.perform(FileOperation(.statistics, for: "look", on: path(of: name.description))) {
        unsafe fstatat(descriptor, bytes, &raw, AT_SYMLINK_NOFOLLOW)
      }
    } catch  where error.isMissing {
      return nil
    }
    return FileStatus(raw)
  }
}
