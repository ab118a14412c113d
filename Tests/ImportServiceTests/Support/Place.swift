import FoundationEssentials
import Glibc
import ImportCore
import ImportService
import ImportSystem

/// The directories of one daemon, in a temporary place that goes with this object.
final class Place: Sendable {
  let root: String
  var spool: String { root + "/spool" }
  var state: String { root + "/state" }
  var journal: String { state + "/journal.jsonl" }
  private let isOwner: Bool

  init() {
    var template = Array("/tmp/haplo-breaking-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { preconditionFailure("no directory for a test") }
    root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    isOwner = true
    for source in ["hr", "finance", "students"] { makeFolder(drop(source)) }
    makeFolder(state)
  }

  /// Works in a directory that belongs to somebody else.
  init(at root: String) {
    self.root = root
    isOwner = false
    for source in ["hr", "finance", "students"] { makeFolder(drop(source)) }
    makeFolder(state)
  }

  deinit { if isOwner { try? FileManager.default.removeItem(atPath: root) } }

  func drop(_ source: String = "hr") -> String { "\(spool)/drop/\(source)" }

  func makeFolder(_ path: String) {
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func removeFolder(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file; its folder must be there.
  func write(_ text: String, to path: String) {
    // Closed on exec: a program that another test starts just now would have the file open for writing too.
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    let bytes = Array(text.utf8)
    guard file >= 0, Glibc.write(file, bytes, bytes.count) == bytes.count else {
      preconditionFailure("cannot write \(path)")
    }
    close(file)
  }

  /// The bytes of a file; nothing if it is not there.
  func bytes(_ path: String) -> [UInt8] { FileManager.default.contents(atPath: path).map(Array.init) ?? [] }

  func text(_ path: String) -> String { String(decoding: bytes(path), as: UTF8.self) }

  /// All regular files below a folder of the root, by path from there.
  func files(below folder: String = "spool") -> [String] {
    let all = (try? FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
    return all.filter { path in
      var status = stat()
      return lstat("\(root)/\(folder)/\(path)", &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }.sorted()
  }

  /// All entries below a folder of the spool.
  func entries(below folder: String) -> [String] {
    ((try? FileManager.default.subpathsOfDirectory(atPath: "\(spool)/\(folder)")) ?? []).sorted()
  }

  /// Another place with the same spool and state, as they are now.
  func copy() -> Place {
    let other = Place()
    for folder in ["spool", "state"] {
      try? FileManager.default.removeItem(atPath: "\(other.root)/\(folder)")
      try? FileManager.default.copyItem(atPath: "\(root)/\(folder)", toPath: "\(other.root)/\(folder)")
    }
    return other
  }

  /// What the journal says.
  func reading() throws -> JournalReading { try JournalReading(bytes(journal)) }
}
