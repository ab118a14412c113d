import FoundationEssentials
import ImportSystem

/// A directory for one journal, removed at the end of the test.
final class JournalPlace {
  let path = "/tmp/haplo-journal-\(UUID().uuidString)"

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false) }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func open() throws -> Directory { try FileSystem().openDirectory(path) }
}
