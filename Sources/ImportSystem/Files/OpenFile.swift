import Glibc

/// A regular file that is open for reading. What is judged, hashed and sent is read through one such
/// descriptor, so that a name that comes to mean another file changes nothing.
public final class OpenFile: Sendable {
  /// Where it was opened, for messages.
  public let path: String
  /// The file system that opened it.
  public let fileSystem: FileSystem
  private let owned: SharedDescriptor

  init(owning number: Int32, path: String, fileSystem: FileSystem) {
    owned = SharedDescriptor(owning: number)
    self.path = path
    self.fileSystem = fileSystem
  }

  /// The descriptor, lent for as long as this object lives; the borrower must not close it.
  public var descriptor: Int32 { owned.descriptor.number }

  /// Asks what the file is now.
  public func status(for purpose: String = "look") throws(SystemError) -> FileStatus {
    var raw = stat()
    try fileSystem.perform(FileOperation(.statistics, for: purpose, on: path)) {
      unsafe fstat(descriptor, &raw)
    }
    return FileStatus(raw)
  }

  /// Reads up to `buffer.count` bytes at `offset` (pread(2)); 0 means the end of the file.
  public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(SystemError) -> Int {
    try fileSystem.perform(FileOperation(.read, for: "read", on: path)) {
      unsafe pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
    }
  }

  /// Reads `count` bytes at `offset`, fewer only at the end of the file, or where `least` are enough.
  public func read(_ count: Int, at offset: Int64, orAtLeast least: Int = .max) throws(SystemError) -> [UInt8]
  {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < min(count, least) {
      let got = try readOnce(into: &bytes, from: filled, at: offset + Int64(filled))
      if got == 0 { break }
      filled += got
    }
    bytes.removeLast(count - filled)
    return bytes
  }

  /// Reads all that is there; more than `limit` bytes are an error for which `isTooLarge` holds.
  public func readAll(atMost limit: Int) throws(SystemError) -> [UInt8] {
    try readAll(atMost: limit, expecting: try status().size)
  }

  /// The same for a file whose size was asked just now. A file that grows meanwhile is read to its new end. Memory is
  /// requested for the bytes that are there, never for `limit`.
  public func readAll(atMost limit: Int, expecting size: Int64) throws(SystemError) -> [UInt8] {
    guard size <= Int64(limit), size < .max else { throw tooLarge(limit) }
    var bytes = try read(Int(size) + 1, at: 0, orAtLeast: max(1, Int(size)))
    if bytes.count <= Int(size) { return bytes }
    while bytes.count <= limit {
      let block = try read(Self.growth, at: Int64(bytes.count), orAtLeast: 1)
      if block.isEmpty { return bytes }
      bytes += block
    }
    throw tooLarge(limit)
  }

  /// Bytes of each further read of a file that has grown.
  private static let growth = 64 << 10

  /// Makes the file's content durable, whoever wrote it (fdatasync(2) needs no right to write).
  public func syncData(for purpose: String) throws(SystemError) {
    try fileSystem.perform(FileOperation(.dataSync, for: purpose, on: path)) { fdatasync(descriptor) }
  }

  private func readOnce(into bytes: inout [UInt8], from index: Int, at offset: Int64) throws(SystemError)
    -> Int
  {
    try fileSystem.perform(FileOperation(.read, for: "read", on: path)) {
      unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe pread(descriptor, buffer.baseAddress! + index, buffer.count - index, off_t(offset))
      }
    }
  }

  private func tooLarge(_ limit: Int) -> SystemError {
    SystemError(call: "read", object: quoted(path), errno: EFBIG, detail: "it has more than \(limit) bytes")
  }
}
