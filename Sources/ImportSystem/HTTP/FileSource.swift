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

/// What stands around a file in a `multipart/form-data` body (RFC 7578): the fields, then the head of the file's part; and
/// its end. libcurl's own form would ask for random numbers and be sent apart from the request's headers, each time.
struct MultipartFrame {
  /// The value of `Content-Type`.
  let contentType: String
  let head: [UInt8]
  let tail: [UInt8]

  /// `boundary` must stand nowhere in the file: letters, digits and `-`, at most 70.
  init(fields: [(name: String, value: String)], file: TransferFile, boundary: String) {
    var text = ""
    for field in fields {
      text += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(Self.escape(field.name))\"\r\n\r\n"
      text += field.value + "\r\n"
    }
    text +=
      "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(Self.escape(file.field))\"; "
      + "filename=\"\(Self.escape(file.name))\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    head = Array(text.utf8)
    tail = Array("\r\n--\(boundary)--\r\n".utf8)
    contentType = "multipart/form-data; boundary=\(boundary)"
  }

  /// As HTML forms do: three characters that would end the name, and nothing else.
  private static func escape(_ name: String) -> String {
    var escaped = String.UnicodeScalarView()
    for scalar in name.unicodeScalars {
      switch scalar {
      case "\"": escaped.append(contentsOf: "%22".unicodeScalars)
      case "\r": escaped.append(contentsOf: "%0D".unicodeScalars)
      case "\n": escaped.append(contentsOf: "%0A".unicodeScalars)
      default: escaped.append(scalar)
      }
    }
    return String(escaped)
  }
}

/// Makes boundaries of which no two are equal, and which nobody who writes files can foresee.
struct Boundaries {
  // Drawn once: each request would be two more calls of the system.
  private let secret = [UInt64.random(in: 0...UInt64.max), UInt64.random(in: 0...UInt64.max)]
  private var count: UInt64 = 0

  mutating func next() -> String {
    count += 1
    return "haplo-importd-" + (secret + [count]).map { String($0, radix: 36) }.joined(separator: "-")
  }
}

/// Writes `application/x-www-form-urlencoded` bodies. The server splits on `&` alone and voids a body with a
/// raw byte outside ASCII, so everything but unreserved characters is percent-encoded (docs/server.md).
enum FormEncoding {
  /// Encodes the fields in their order.
  static func body(of fields: [(name: String, value: String)]) -> [UInt8] {
    Array(fields.map { "\(encode($0.name))=\(encode($0.value))" }.joined(separator: "&").utf8)
  }

  /// Percent-encodes the UTF-8 of `text`; a space becomes `%20`.
  static func encode(_ text: String) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      if isUnreserved(byte) {
        bytes.append(byte)
      } else {
        bytes += [percent, digit(byte >> 4), digit(byte & 15)]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static let percent = UInt8(ascii: "%")

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
  }

  /// RFC 3986, 2.3.
  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "~"):
      true
    default: false
    }
  }
}
