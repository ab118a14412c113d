import FoundationEssentials
import ImportSystem

/// A folder of one test, removed at its end.
final class TemporaryFolder {
  let path = FileManager.default.temporaryDirectory.path() + "haplo-http-\(UUID().uuidString)"

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(filePath: path + "/" + name))
  }

  func file(_ name: String, _ bytes: [UInt8]) throws -> OpenFile {
    try write(name, bytes)
    return try FileSystem().openDirectory(path).openForReading(name)
  }
}
