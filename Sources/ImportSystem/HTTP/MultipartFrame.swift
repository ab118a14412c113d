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
