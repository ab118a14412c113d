import HaploSimulator

/// The key that the tests' simulators accept.
let goodKey = "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF"

/// The key that the tests' simulators accept for the pages that show what became of batches.
let outcomeKey = "b3V0Y29tZW91dGNvbWVvdXRjb21lb3V0Y29tZW91dGN"

/// A control file that the server accepts.
let goodControl = """
  {"dataImportControlFileVersion": 0, "model": "std:person",
   "files": {"data0": {"read": "json"}},
   "instructions": [{"source": "id", "destination": "person", "name": "std:attribute:id"}]}
  """

/// A part of a multipart body, a file when it has a file name.
struct Part {
  var name: String
  var filename: String?
  var content: String

  static func text(_ name: String, _ content: String) -> Part { Part(name: name, content: content) }
  static func file(_ content: String, filename: String = "data.json") -> Part {
    Part(name: "file", filename: filename, content: content)
  }
}

/// A request whose every piece can be changed before it is sent.
struct RawRequest {
  var method = "POST"
  var path: String
  var host = "127.0.0.1"
  var key: String? = goodKey
  var headers: [String] = []
  var contentType: String?
  var body: [UInt8] = []

  static func form(_ step: Step, _ body: String) -> RawRequest {
    RawRequest(path: step.path, contentType: "application/x-www-form-urlencoded", body: Array(body.utf8))
  }

  static func multipart(_ step: Step, _ parts: [Part]) -> RawRequest {
    RawRequest(
      path: step.path, contentType: "multipart/form-data; boundary=xxBOUNDARYxx",
      body: Array(parts.map(\.wire).joined().utf8) + Array("--xxBOUNDARYxx--\r\n".utf8))
  }

  /// A page that shows what became of batches: `batches`, `batch/7`.
  static func page(_ name: String, cookie: String? = nil) -> RawRequest {
    RawRequest(
      method: "GET", path: "/do/haplo-data-import-batch/" + name, key: outcomeKey,
      headers: cookie.map { ["Cookie: other=1; s=\($0)"] } ?? [])
  }

  /// The request line and the headers, with their empty line.
  var head: String {
    var lines = ["\(method) \(path) HTTP/1.1", "Host: \(host)", "Connection: close"]
    if let key { lines.append("Authorization: Basic \(base64("haplo:\(key)"))") }
    if let contentType { lines.append("Content-Type: \(contentType)") }
    if method == "POST" { lines.append("Content-Length: \(body.count)") }
    return (lines + headers).joined(separator: "\r\n") + "\r\n\r\n"
  }

  func with(_ change: (inout RawRequest) -> Void) -> RawRequest {
    var copy = self
    change(&copy)
    return copy
  }
}

extension Part {
  fileprivate var wire: String {
    let file = filename.map { "; filename=\"\($0)\"" } ?? ""
    return "--xxBOUNDARYxx\r\nContent-Disposition: form-data; name=\"\(name)\"\(file)\r\n\r\n\(content)\r\n"
  }
}

func base64(_ text: String) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  let bytes = Array(text.utf8)
  var result = ""
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
    for place in 0..<4 {
      result.append(place <= group.count ? alphabet[bits >> (18 - 6 * place) & 63] : "=")
    }
  }
  return result
}

extension Simulator {
  /// Sends a request on a connection of its own; nil when no answer came.
  func send(_ request: RawRequest) throws -> RawAnswer? {
    let connection = try RawConnection(port: port)
    connection.send(Array(request.head.utf8) + request.body)
    return RawAnswer(connection.receive())
  }

  /// Uploads the good control file and creates a batch.
  func newBatch() throws -> String {
    let control = try send(.multipart(.control, [.file(goodControl, filename: "control.json")]))
    return try send(.form(.batch, "control=\(control?.body ?? "")"))?.body ?? ""
  }

  func upload(_ content: String, as name: String = "data0", to batch: String) throws -> RawAnswer? {
    try send(.multipart(.file, [.text("batch", batch), .text("name", name), .file(content)]))
  }

  func schedule(_ batch: String, mode: String? = nil) throws -> RawAnswer? {
    try send(.form(.schedule, "batch=\(batch)" + (mode.map { "&mode=\($0)" } ?? "")))
  }

  /// Asks the simulator itself.
  func admin(_ method: String, _ path: String, _ body: String = "") throws -> RawAnswer? {
    var request = RawRequest(method: method, path: "/simulator/" + path, key: nil)
    request.body = Array(body.utf8)
    return try send(request)
  }
}
