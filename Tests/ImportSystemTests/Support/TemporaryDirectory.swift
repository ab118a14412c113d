import FoundationEssentials
import Glibc
import ImportSystem

/// A directory for one test, removed with all that is in it when the test lets go of it.
final class TemporaryDirectory {
  let path: String

  init() throws {
    var template = Array("/tmp/haplo-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError(call: "make", object: "/tmp/…", errno: errno) }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  func open(hook: FileSystem.Hook? = nil) throws -> Directory {
    try FileSystem(hook: hook).openDirectory(path)
  }

  func names() throws -> [String] { try open().entries().compactMap(\.string).sorted() }
}
