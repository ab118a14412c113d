import CCrypto
import CLinux
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
    try fileSystem.status(of: descriptor, for: purpose, on: path)
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

extension OpenFile {
  /// Reads the file from its beginning to its end, whatever its size is said to be, and returns its SHA-256
  /// digest and how many bytes there were. `isCancelled` is asked before each block of 1 MiB; once it says
  /// yes, an error is thrown for which `isCancelled` holds. Blocks: run it on a worker.
  public func sha256(checking isCancelled: () -> Bool) throws(SystemError) -> (digest: [UInt8], size: Int64) {
    var hash = SHA256()
    let size = try unsafe forEachBlock(checking: isCancelled) { unsafe hash.update($0) }
    return (hash.finish(), size)
  }

  /// Computes the same with a step of `progress` before each block.
  public func sha256(_ progress: WorkProgress) throws(SystemError) -> (digest: [UInt8], size: Int64) {
    try sha256(checking: progress.stepCancels)
  }

  /// True if the other file has the same bytes: both are read if their sizes are equal. Blocks.
  public func hasSameBytes(as other: OpenFile) throws(SystemError) -> Bool {
    guard try status().size == other.status().size else { return false }
    return try sha256(.unwatched).digest == other.sha256(.unwatched).digest
  }

  /// Reads the file in the same way, lends each block to `body`, and returns how many bytes there were. Where few bytes are
  /// `expected`, blocks are smaller, for the kernel need not provide memory for them; and if the file ends just there, it is
  /// not asked once more.
  @discardableResult
  public func forEachBlock(
    expecting expected: Int64 = .max, checking isCancelled: () -> Bool = { false },
    _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(SystemError) -> Int64 {
    let isSmall = expected < 64 << 10
    let length = isSmall ? 64 << 10 : 1 << 20
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 4096)
    defer { unsafe block.deallocate() }
    // Advice only: a file system that knows none of it reads as well.
    if !isSmall { _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL) }
    var size: Int64 = 0
    while true {
      if isCancelled() { throw SystemError(call: "read", object: quoted(path), errno: ECANCELED) }
      let length = try unsafe read(into: block, at: size)
      if length == 0 { return size }
      unsafe body(UnsafeRawBufferPointer(rebasing: block[..<length]))
      size += Int64(length)
      // A full block would be no sign of the end.
      if isSmall, size == expected, length < block.count { return size }
    }
  }
}

/// Computes a SHA-256 digest piece by piece (OpenSSL's EVP, which uses the processor's own instructions).
/// One digest a value: `finish` consumes it.
@safe public struct SHA256: ~Copyable {
  private let context: OpaquePointer

  /// Begins with no bytes. Traps only when there is no memory for some hundred bytes.
  public init() {
    guard let context = unsafe EVP_MD_CTX_new() else { preconditionFailure("no memory for a SHA-256 state") }
    unsafe self.context = unsafe context
    let started = unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil)
    precondition(started == 1, "this machine's OpenSSL has no SHA-256")
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  /// Appends bytes to what is hashed.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    let updated = unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    precondition(updated == 1, "SHA-256 failed over \(bytes.count) bytes")
  }

  /// Ends the computation and returns the 32 bytes of the digest.
  public consuming func finish() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    let finished = unsafe EVP_DigestFinal_ex(context, &digest, nil)
    precondition(finished == 1, "SHA-256 could not be finished")
    return digest
  }

  /// Computes the digest of bytes that are in memory already.
  public static func digest(of bytes: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    unsafe bytes.withUnsafeBytes { unsafe hash.update($0) }
    return hash.finish()
  }
}

/// The kernel's answer to the question whether a file is open for writing.
public enum WriterProbe: Hashable, Sendable {
  /// No process of this machine has it open for writing.
  case nobody
  /// A process has it open for writing, or its last close is not through yet: ask again soon.
  case somebody
  /// Not a question that can be asked here, and why: EACCES without ownership or CAP_LEASE, EINVAL where the file
  /// system knows no leases.
  case cannotTell(errno: Int32)
}

extension OpenFile {
  /// Asks whether any process has the file open for writing, by taking a read lease and giving it back at once
  /// (F_SETLEASE). Must not be called before SIGIO is ignored: a writer who comes at this very moment causes one.
  public func probeWriters() -> WriterProbe {
    let code = haplo_probe_writers(descriptor)
    return switch code {
    case 0: .nobody
    case EAGAIN, EBUSY, ETXTBSY: .somebody
    default: .cannotTell(errno: code)
    }
  }
}
