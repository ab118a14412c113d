import Glibc

/// A file system of one mebibyte in memory, which goes with this object.
final class FullDisk: Sendable {
  let path: String
  private var ballast: String { path + "/ballast" }

  /// Mounts it; nil where this process may not.
  init?() {
    var template = Array("/tmp/haplo-full-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { return nil }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard mount("haplo", path, "tmpfs", 0, "size=1m") == 0 else {
      rmdir(path)
      return nil
    }
  }

  deinit {
    umount2(path, Int32(MNT_DETACH))
    rmdir(path)
  }

  /// Fills it to the last byte.
  func fill() {
    let number = open(ballast, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    let block = [UInt8](repeating: 0, count: 4096)
    while write(number, block, block.count) > 0 {}
    while write(number, block, 1) > 0 {}
    close(number)
  }

  /// Makes room again.
  func makeRoom() { unlink(ballast) }
}
