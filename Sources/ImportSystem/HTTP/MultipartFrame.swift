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
