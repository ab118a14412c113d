import CLinux
import Glibc

/// A regular file that is open for writing at places of the caller's choice. Nothing is durable before
/// ``sync(for:)`` or ``syncData(for:)`` has returned.
public final class WritableFile: Sendable {
  /// Where it was opened, for messages.
  public let path: String
  /// The file system that opened it.
  public let fileSystem: FileSystem
  private let owned: Descriptor

  init(owning number: Int32, path: String, fileSystem: FileSystem) {
    owned = Descriptor(owning: number)
    self.path = path
    self.fileSystem = fileSystem
  }

  /// The descriptor, lent for as long as this object lives; the borrower must not close it.
  public var descriptor: Int32 { owned.number }

  /// Writes all of `bytes` at `offset`, short writes continued. After an error any part of them may be there.
  public func write(_ bytes: some Collection<UInt8>, at offset: Int64, for purpose: String)
    throws(SystemError)
  {
    let content = Array(bytes)
    var written = 0
    while written < content.count {
      written += try fileSystem.perform(FileOperation(.write, for: purpose, on: path)) {
        unsafe content.withUnsafeBytes { buffer in
          unsafe pwrite(
            descriptor, buffer.baseAddress! + written, buffer.count - written, off_t(offset) + off_t(written))
        }
      }
    }
  }

  /// Cuts the file to `length` bytes.
  public func truncate(to length: Int64, for purpose: String) throws(SystemError) {
    try fileSystem.perform(FileOperation(.truncate, for: purpose, on: path)) {
      ftruncate(descriptor, off_t(length))
    }
  }

  /// Gives the file exactly this mode, whatever the umask (fchmod(2)).
  public func setMode(_ mode: UInt32, for purpose: String) throws(SystemError) {
    try fileSystem.perform(FileOperation(.setMode, for: purpose, on: path)) { fchmod(descriptor, mode) }
  }

  /// Makes content and size durable (fdatasync(2)). After an error what was written before may be lost, whatever
  /// a second call says.
  public func syncData(for purpose: String) throws(SystemError) {
    try fileSystem.perform(FileOperation(.dataSync, for: purpose, on: path)) { fdatasync(descriptor) }
  }

  /// Makes the file durable with all that the kernel knows of it (fsync(2)).
  public func sync(for purpose: String) throws(SystemError) {
    try fileSystem.perform(FileOperation(.sync, for: purpose, on: path)) { fsync(descriptor) }
  }

  /// Takes the file for this object alone until it is closed; false if another holder has it. The lock belongs to
  /// the open file, so it ends with the process, however that ends.
  public func lock(for purpose: String) throws(SystemError) -> Bool {
    do {
      try fileSystem.perform(FileOperation(.lock, for: purpose, on: path)) { haplo_lock(descriptor) }
      return true
    } catch  where error.isInUse || error.errno == EACCES {
      return false
    }
  }

  /// This process never changes its user.
  private static let isRoot = geteuid() == 0

  /// Gives a file that root has made to whom its directory belongs: what root does by hand in a daemon's directory must
  /// not lock the daemon out. Does nothing for anybody else.
  public func giveToOwner(of directory: Directory, for purpose: String) throws(SystemError) {
    guard Self.isRoot else { return }
    let owner = try directory.ownStatus()
    guard owner.owner != 0 else { return }
    try fileSystem.perform(FileOperation(.setMode, for: purpose, on: path)) {
      fchown(descriptor, owner.owner, owner.group)
    }
  }

  /// Asks what the file is now.
  public func status() throws(SystemError) -> FileStatus {
    try fileSystem.status(of: descriptor, for: "look", on: path)
  }
}

extension Directory {
  /// Makes a new file, open for writing; throws EEXIST when the name is taken, even by a link.
  public func createFile(_ name: String, mode: UInt32, for purpose: String) throws(SystemError)
    -> WritableFile
  {
    try check(name, "create")
    return try openFile(
      name, O_WRONLY | O_CREAT | O_EXCL, mode, FileOperation(.create, for: purpose, on: path(of: name)))
  }

  /// Opens a file for reading and writing, making an empty one if it is missing. A link is refused (ELOOP).
  public func openForWriting(_ name: String, mode: UInt32, for purpose: String) throws(SystemError)
    -> WritableFile
  {
    try check(name, "open")
    return try openFile(
      name, O_RDWR | O_CREAT, mode, FileOperation(.create, for: purpose, on: path(of: name)))
  }

  private func openFile(
    _ name: String, _ flags: Int32, _ mode: UInt32, _ operation: FileOperation
  ) throws(SystemError) -> WritableFile {
    let number = try fileSystem.perform(operation) {
      unsafe haplo_open_at(descriptor, name, flags | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC, mode)
    }
    return WritableFile(owning: number, path: operation.object, fileSystem: fileSystem)
  }
}
