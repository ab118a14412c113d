import ImportCore
import Testing

/// An answer as a product in front of the server sends it: what stands between is not known, and never the server.
struct ForeignAnswerRow: CustomTestStringConvertible, Sendable {
  let product: String
  let status: Int
  /// `Content-Type` as sent; nil for none.
  let type: String?
  let body: [UInt8]
  var headers = ""

  var testDescription: String { "\(product) \(status) \(type ?? "without type")" }

  /// The whole answer, after which the connection is closed.
  var bytes: [UInt8] {
    let type = type.map { "Content-Type: \($0)\r\n" } ?? ""
    let head =
      "HTTP/1.1 \(status) Status\r\n\(type)\(headers)Connection: close\r\nContent-Length: \(body.count)\r\n\r\n"
    return Array(head.utf8) + body
  }

  init(_ product: String, _ status: Int, _ type: String?, _ body: String, headers: String = "") {
    self.init(product, status, type, Array(body.utf8), headers: headers)
  }

  init(_ product: String, _ status: Int, _ type: String?, _ body: [UInt8], headers: String = "") {
    (self.product, self.status, self.type, self.body) = (product, status, type, body)
    self.headers = headers
  }
}

extension ForeignAnswerRow {
  static let statuses = [400, 401, 403, 404, 405, 413, 429, 500, 502, 503, 504]

  /// Every product with every status, in the form in which it sends its own.
  static let all: [ForeignAnswerRow] = statuses.flatMap { status in
    [
      ForeignAnswerRow(
        "nginx", status, "text/html",
        "<html>\r\n<head><title>\(status) Forbidden</title></head>\r\n<body>\r\n<center><h1>\(status) Forbidden</h1>"
          + "</center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n"),
      ForeignAnswerRow(
        "Apache", status, "text/html; charset=iso-8859-1",
        "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>\(status) Error</title>\n</head><body>\n"
          + "<h1>Error</h1>\n<p>You don't have permission to access this resource.</p>\n<hr>\n"
          + "<address>Apache/2.4.57 (Debian) Server at research.example.ac.uk Port 443</address>\n</body></html>\n"
      ),
      ForeignAnswerRow(
        "HAProxy", status, "text/html",
        "<html><body><h1>\(status) Request forbidden by administrative rules.</h1>\n</body></html>\n",
        headers: "Cache-Control: no-cache\r\n"),
      ForeignAnswerRow(
        "Envoy", status, "text/plain", "upstream connect error or disconnect/reset before headers"),
      ForeignAnswerRow("Envoy, nothing more", status, nil, ""),
      ForeignAnswerRow(
        "Go net/http", status, "text/plain; charset=utf-8",
        status == 400 ? "400 Bad Request" : "Bad Request\n",
        headers: "X-Content-Type-Options: nosniff\r\n"),
      ForeignAnswerRow(
        "API gateway", status, "application/json", #"{"message":"Forbidden","success":false,"kind":"error"}"#),
      ForeignAnswerRow(
        "firewall", status, "text/html",
        "<html><head><title>Request Rejected</title><script type=\"text/javascript\">var k = \"INVALID-API-KEY\";"
          + "</script></head><body>The requested URL was rejected. Your support ID is: 1234567890123</body></html>"
      ),
      ForeignAnswerRow(
        "gzip", status, "text/html", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        headers: "Content-Encoding: gzip\r\n"),
      ForeignAnswerRow("empty page", status, "text/html", ""),
    ]
  }
}
