import CSystemd
import Glibc

/// Writes entries to the system's journal by its own protocol (sd_journal_sendv(3)).
public enum SystemJournal {
  /// Writes one entry of `NAME=value` fields; false if there is no journal to take it. Values may hold any bytes,
  /// newlines included: they cannot be mistaken for another field.
  public static func send(_ fields: [(name: String, value: String)]) -> Bool {
    let texts = fields.map { Array("\($0.name)=\($0.value)".utf8) }
    var storage = texts.flatMap { $0 }
    return unsafe storage.withUnsafeMutableBytes { buffer in
      var start = 0
      var vectors: [iovec] = unsafe []
      for text in texts {
        unsafe vectors.append(iovec(iov_base: buffer.baseAddress! + start, iov_len: text.count))
        start += text.count
      }
      return unsafe sd_journal_sendv(vectors, Int32(vectors.count)) >= 0
    }
  }

  /// True if standard error is connected to the journal, which `JOURNAL_STREAM` tells by device and inode
  /// (systemd.exec(5)). A terminal or a file in its place means that a person wants to see the lines there.
  public static var hasStandardError: Bool {
    guard let value = unsafe getenv("JOURNAL_STREAM") else { return false }
    let parts = unsafe String(cString: value).split(separator: ":")
    var raw = stat()
    guard parts.count == 2, unsafe fstat(STDERR_FILENO, &raw) == 0 else { return false }
    return UInt64(parts[0]) == UInt64(raw.st_dev) && UInt64(parts[1]) == UInt64(raw.st_ino)
  }
}
