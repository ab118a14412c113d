import FoundationEssentials
import ImportSystem

extension TemporaryDirectory {
  /// Makes a file of these bytes and opens it.
  func file(_ name: String, _ bytes: [UInt8]) throws -> OpenFile {
    try Data(bytes).write(to: URL(filePath: path + "/" + name))
    return try open().openForReading(name)
  }
}
