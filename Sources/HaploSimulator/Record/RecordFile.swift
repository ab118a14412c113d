import Glibc

/// Appends lines to the record file, each by one write(2). Only the last line of the file can be incomplete, and only
/// until the next one is written: what a full disk or a killed predecessor left of a line is cut off.
final class RecordFile: Sendable {
  private let path: String
  private let descriptor: Int32

  init(path: String) throws(SimulatorError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .file(path: path, errno: errno) }
    cutIncompleteLine()
  }

  deinit { _ = close(descriptor) }

  func append(_ value: JSONValue) {
    let line = Array((value.text + "\n").utf8)
    let end = lseek(descriptor, 0, SEEK_END)
    guard !line.withUnsafeBytes({ writeAll($0, to: descriptor) }) else { return }
    standardError("cannot write to \(path): \(String(cString: strerror(errno)))")
    if end >= 0 { _ = ftruncate(descriptor, end) }
  }

  /// Looks back for the last line end. A file that cannot be read backwards, such as a pipe, is left alone.
  private func cutIncompleteLine() {
    var end = lseek(descriptor, 0, SEEK_END)
    var byte: UInt8 = 0
    let size = end
    while end > 0, pread(descriptor, &byte, 1, end - 1) == 1, byte != UInt8(ascii: "\n") { end -= 1 }
    if end >= 0, end < size { _ = ftruncate(descriptor, end) }
  }
}
