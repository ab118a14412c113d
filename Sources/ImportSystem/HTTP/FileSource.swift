import CCurl
import Glibc

/// Feeds a file with its frame into a request, straight from its descriptor. It gives exactly as many bytes as were
/// promised in Content-Length, or ends the transfer: nothing is padded, and nothing waits for more.
final class FileSource {
  private let file: TransferFile
  private let frame: MultipartFrame
  private let grant: (Int) -> Int
  private var offset: Int64 = 0
  /// How far the body was ever read: bytes that may have been sent.
  private(set) var highest: Int64 = 0
  /// Why reading ended before its end.
  private(set) var failure: TransferFailure?
  /// True while our own bandwidth limit holds it back.
  private(set) var isPaused = false

  /// `grant` says how many of so many bytes may be sent now; 0 pauses until ``resume()``.
  init(_ file: TransferFile, in frame: MultipartFrame, grant: @escaping (Int) -> Int) {
    self.file = file
    self.frame = frame
    self.grant = grant
  }

  /// Bytes of the whole body.
  var size: Int64 { fileEnd + Int64(frame.tail.count) }

  /// True once all of the body was handed over.
  var isExhausted: Bool { highest == size }

  func resume() { isPaused = false }

  /// Reads the next bytes; their number, 0 at the end, or one of libcurl's codes for a read.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let wanted = Int(min(Int64(buffer.count), size - offset))
    guard wanted > 0 else { return 0 }
    let granted = grant(wanted)
    guard granted > 0 else {
      isPaused = true
      return Int(CURL_READFUNC_PAUSE)
    }
    do throws(TransferFailure) {
      try unsafe fill(UnsafeMutableRawBufferPointer(rebasing: buffer[..<granted]))
    } catch {
      failure = error
      return Int(CURL_READFUNC_ABORT)
    }
    offset += Int64(granted)
    highest = max(highest, offset)
    return granted
  }

  /// Goes to another place, as when libcurl begins the body anew.
  func seek(to newOffset: Int64) -> Bool {
    guard (0...size).contains(newOffset) else { return false }
    offset = newOffset
    return true
  }

  private var fileStart: Int64 { Int64(frame.head.count) }
  private var fileEnd: Int64 { fileStart + file.size }

  private func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(TransferFailure) {
    var filled = 0
    while filled < buffer.count {
      let place = offset + Int64(filled)
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      if place < fileStart {
        filled += unsafe Self.copy(frame.head[Int(place)...], to: rest)
      } else if place < fileEnd {
        let length = Int(min(Int64(rest.count), fileEnd - place))
        let target = unsafe UnsafeMutableRawBufferPointer(rebasing: rest[..<length])
        filled += try unsafe readFile(into: target, at: place - fileStart)
      } else {
        filled += unsafe Self.copy(frame.tail[Int(place - fileEnd)...], to: rest)
      }
    }
  }

  private static func copy(_ bytes: ArraySlice<UInt8>, to buffer: UnsafeMutableRawBufferPointer) -> Int {
    let piece = bytes.prefix(buffer.count)
    unsafe buffer.copyBytes(from: piece)
    return piece.count
  }

  private func readFile(into buffer: UnsafeMutableRawBufferPointer, at place: Int64) throws(TransferFailure)
    -> Int
  {
    let length = try file.perform { () throws(SystemError) in
      try unsafe file.file.read(into: buffer, at: place)
    }
    // Asked before the last bytes go out, so that the server cannot take a grown file's beginning for whole.
    if length == 0 || place + Int64(length) == file.size { try file.checkSize() }
    guard length > 0 else { throw file.wrongSize(place) }
    return length
  }
}

extension TransferFile {
  /// Reads all of a small file, which must be as long as was said: one byte more is asked for, to see that there is none.
  func readWhole() throws(TransferFailure) -> [UInt8] {
    let expected = Int(size)
    let bytes = try perform { () throws(SystemError) in
      try file.read(expected + 1, at: 0, orAtLeast: max(1, expected))
    }
    guard bytes.count != expected else { return bytes }
    try checkSize()
    throw wrongSize(Int64(bytes.count))
  }

  /// Throws unless the file is as long as was said.
  func checkSize() throws(TransferFailure) {
    let now = try perform { () throws(SystemError) in try file.status().size }
    if now != size { throw wrongSize(now) }
  }

  func wrongSize(_ now: Int64) -> TransferFailure {
    TransferFailure(
      .fileChanged, at: file.path,
      "it has \(now) bytes where \(size) were to be sent: it was changed meanwhile")
  }

  /// Asks the system for something about the file; what it refuses ends the transfer.
  func perform<Value>(_ body: () throws(SystemError) -> Value) throws(TransferFailure) -> Value {
    do throws(SystemError) {
      return try body()
    } catch {
      throw TransferFailure(.fileChanged, at: "", error.description)
    }
  }
}
