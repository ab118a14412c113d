import Glibc

/// A file system of one mebibyte and 400 inodes in memory, which goes with this object.
final class FullDisk: Sendable {
  let path: String
  private var ballast: String { path + "/ballast" }

  /// Mounts it; nil where this process may not.
  init?() {
    var template = Array("/tmp/haplo-full-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { return nil }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard mount("haplo", path, "tmpfs", 0, "size=1m,nr_inodes=400") == 0 else {
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

  /// Takes the last inode, while there is room for bytes.
  func fillInodes() {
    mkdir(ballast, 0o700)
    var number = 0
    while true {
      let file = open("\(ballast)/\(number)", O_WRONLY | O_CREAT, 0o600)
      if file < 0 { return }
      close(file)
      number += 1
    }
  }

  /// Makes room again.
  func makeRoom() {
    if unlink(ballast) == 0 { return }
    var number = 0
    while unlink("\(ballast)/\(number)") == 0 { number += 1 }
    rmdir(ballast)
  }
}
