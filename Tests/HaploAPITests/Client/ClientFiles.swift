import FoundationEssentials
import Glibc
import HaploAPI
import ImportCore
import ImportSystem

/// Files for uploads, removed at the end of the test.
final class ClientFiles {
  private let path = "/tmp/haplo-client-\(UUID().uuidString)"

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false) }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Makes a file that was dropped as `name`.
  func upload(_ text: String, name: String) throws -> UploadFile {
    try Data(text.utf8).write(to: URL(filePath: path + "/data"))
    let bytes = Array(text.utf8)
    return UploadFile(
      file: try FileSystem().openDirectory(path).openForReading("data"), name: name, size: Int64(bytes.count),
      digest: SHA256Digest(bytes: SHA256.digest(of: bytes)))
  }
}
