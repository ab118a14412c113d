import Glibc

/// Appends lines to the record file, each by one write(2), so that a reader never sees half a line's order.
final class RecordFile: Sendable {
  private let path: String
  private let descriptor: Int32

  init(path: String) throws(SimulatorError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .file(path: path, errno: errno) }
  }

  deinit { _ = close(descriptor) }

  func append(_ value: JSONValue) {
    let line = Array((value.text + "\n").utf8)
    guard !line.withUnsafeBytes({ writeAll($0, to: descriptor) }) else { return }
    standardError("cannot write to \(path): \(String(cString: strerror(errno)))")
  }
}
