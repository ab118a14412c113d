import FoundationEssentials
import Glibc

/// A small file system in memory, of one mebibyte unless said otherwise, which goes with this object.
final class FullDisk: Sendable {
  let path: String
  private var ballast: String { path + "/ballast" }

  /// Mounts it; nil where this process may not.
  init?(options: String = "size=1m") {
    var template = Array("/tmp/haplo-full-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { return nil }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard mount("haplo", path, "tmpfs", 0, options) == 0 else {
      rmdir(path)
      return nil
    }
  }

  deinit {
    umount2(path, Int32(MNT_DETACH))
    rmdir(path)
  }

  /// True if this process may mount one.
  static var mayMount: Bool { getuid() == 0 && FullDisk() != nil }

  /// Fills it to the last byte.
  func fill() {
    let number = open(ballast, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    let block = [UInt8](repeating: 0, count: 4096)
    while write(number, block, block.count) > 0 {}
    while write(number, block, 1) > 0 {}
    close(number)
  }

  /// Makes files until no more can be made.
  func useUpInodes() {
    mkdir(path + "/inodes", 0o700)
    var number = 0
    while true {
      let file = open("\(path)/inodes/\(number)", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
      if file < 0 { return }
      close(file)
      number += 1
    }
  }

  /// Allows more of them, all at once: who looked while they are removed one by one could find room and then none again.
  func makeInodes() { _ = mount("", path, nil, UInt(MS_REMOUNT), "nr_inodes=4000") }

  /// Lets nobody write to it, as the kernel does after an error of the disk.
  func makeReadOnly() -> Bool { mount("", path, nil, UInt(MS_REMOUNT | MS_RDONLY), nil) == 0 }

  /// Lets everybody write to it again.
  func makeWritable() { _ = mount("", path, nil, UInt(MS_REMOUNT), nil) }

  /// Makes room again.
  func makeRoom() { unlink(ballast) }
}
