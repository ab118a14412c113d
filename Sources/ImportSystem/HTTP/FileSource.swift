import CCurl
import Glibc

/// Feeds one file into a request, straight from its descriptor. It gives exactly as many bytes as were
/// promised in Content-Length, or ends the transfer: nothing is padded, and nothing waits for more.
final class FileSource {
  private let file: TransferFile
  private let grant: (Int) -> Int
  private var offset: Int64 = 0
  /// How far the file was ever read: bytes that may have been sent.
  private(set) var highest: Int64 = 0
  /// Why reading ended before its end.
  private(set) var failure: TransferFailure?
  /// True while our own bandwidth limit holds it back.
  private(set) var isPaused = false

  /// `grant` says how many of so many bytes may be sent now; 0 pauses until ``resume()``.
  init(_ file: TransferFile, grant: @escaping (Int) -> Int) {
    self.file = file
    self.grant = grant
  }

  /// True once all of the file was handed over.
  var isExhausted: Bool { highest == file.size }

  func resume() { isPaused = false }

  /// Reads the next bytes; their number, 0 at the end, or one of libcurl's codes for a read.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let wanted = Int(min(Int64(buffer.count), file.size - offset))
    guard wanted > 0 else { return 0 }
    let granted = grant(wanted)
    guard granted > 0 else {
      isPaused = true
      return Int(CURL_READFUNC_PAUSE)
    }
    do throws(SystemError) {
      return try unsafe readNow(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<granted]))
    } catch {
      return fail(TransferFailure(.fileChanged, at: "", error.description))
    }
  }

  /// Goes to another place, as when libcurl begins the body anew.
  func seek(to newOffset: Int64) -> Bool {
    guard (0...file.size).contains(newOffset) else { return false }
    offset = newOffset
    return true
  }

  private func readNow(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
    let length = try unsafe file.file.read(into: buffer, at: offset)
    guard length > 0 else { return fail(wrongSize(try file.file.status().size)) }
    offset += Int64(length)
    if offset == file.size {
      // Asked before the last bytes go out, so that the server cannot take a grown file's beginning for whole.
      let size = try file.file.status().size
      guard size == file.size else { return fail(wrongSize(size)) }
    }
    highest = max(highest, offset)
    return length
  }

  private func wrongSize(_ size: Int64) -> TransferFailure {
    TransferFailure(
      .fileChanged, at: file.file.path,
      "it has \(size) bytes where \(file.size) were to be sent: it was changed meanwhile")
  }

  private func fail(_ failure: TransferFailure) -> Int {
    self.failure = failure
    return Int(CURL_READFUNC_ABORT)
  }
}
