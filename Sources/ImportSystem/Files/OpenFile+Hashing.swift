import Glibc

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
