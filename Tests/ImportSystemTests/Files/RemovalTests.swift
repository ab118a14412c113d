import FoundationEssentials
import Glibc
import ImportSystem
import Testing

@Suite struct RemovalTests {
  @Test func `names of any bytes, links and empty folders go with their folder`() throws {
    let place = try TemporaryDirectory()
    let doomed = place.path + "/doomed"
    for folder in ["", "/inner", "/inner/deeper", "/.removing-1"] { mkdir(doomed + folder, 0o755) }
    _ = FileManager.default.createFile(atPath: doomed + "/inner/é.txt", contents: nil)
    let latin: [CChar] = Array((doomed + "/inner/").utf8CString.dropLast()) + [CChar(bitPattern: 0xe9), 0]
    #expect(mkdir(latin, 0o755) == 0)
    symlink("/etc", doomed + "/inner/deeper/link")
    try place.open().removeTree("doomed", for: "test")
    #expect(try place.names() == [])
    #expect(access("/etc/passwd", F_OK) == 0)
  }

  @Test func `folders nested thousands deep need no more descriptors than flat ones`() throws {
    let place = try TemporaryDirectory()
    mkdir(place.path + "/doomed", 0o755)
    // Built from the inside: no path is that long.
    for number in 1...3000 {
      mkdir(place.path + "/outer", 0o755)
      #expect(rename(place.path + "/doomed", place.path + "/outer/d\(number)") == 0)
      #expect(rename(place.path + "/outer", place.path + "/doomed") == 0)
    }
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    #expect(limit.rlim_cur > 0)
    try place.open().removeTree("doomed", for: "test")
    #expect(try place.names() == [])
  }

  @Test func `a folder that lacks the rights gets them`() throws {
    let place = try TemporaryDirectory()
    mkdir(place.path + "/doomed", 0o755)
    mkdir(place.path + "/doomed/closed", 0o755)
    _ = FileManager.default.createFile(atPath: place.path + "/doomed/closed/file", contents: nil)
    chmod(place.path + "/doomed/closed", 0o000)
    try place.open().removeTree("doomed", for: "test")
    #expect(try place.names() == [])
  }

  @Test func `what cannot be removed is named, and everything else is gone`() throws {
    let place = try TemporaryDirectory()
    mkdir(place.path + "/doomed", 0o755)
    for name in ["a", "b", "c"] {
      _ = FileManager.default.createFile(atPath: "\(place.path)/doomed/\(name)", contents: nil)
    }
    let directory = try place.open { operation throws(SystemError) in
      if operation.kind == .unlink, operation.object.hasSuffix("/b") {
        throw SystemError(failing: operation, errno: EPERM)
      }
    }
    #expect {
      try directory.removeTree("doomed", for: "test")
    } throws: { "\($0)".contains("/doomed/b'") }
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.path + "/doomed") == ["b"])
  }
}
