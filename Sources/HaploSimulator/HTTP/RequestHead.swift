import CMicrohttpd

/// What is known of a request before its body comes.
struct RequestHead: Sendable {
  let method: String
  let path: String
  let host: String?
  let authorization: String?
  let contentType: String?
  /// The Cookie header.
  let cookies: String?
  /// The client's address, without the port.
  let address: String
  /// Bytes of the request line and the headers.
  let headerSize: Int
  let socket: Int32

  init(_ connection: OpaquePointer, method: String, path: String) {
    self.method = method
    self.path = path
    host = Self.header("Host", of: connection)
    authorization = Self.header("Authorization", of: connection)
    cookies = Self.header("Cookie", of: connection)
    contentType = Self.header("Content-Type", of: connection)
    var text = [CChar](repeating: 0, count: 46)
    haplo_mhd_address(connection, &text, text.count)
    address = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    headerSize = haplo_mhd_header_size(connection)
    socket = haplo_mhd_socket(connection)
  }

  var isMultipart: Bool { contentType?.lowercased().hasPrefix("multipart/") ?? false }

  var isForm: Bool { contentType?.lowercased().hasPrefix("application/x-www-form-urlencoded") ?? false }

  /// The Host header without its port, in lower case.
  var hostName: String? {
    guard let host = host?.lowercased() else { return nil }
    let afterBracket = host.lastIndex(of: "]") ?? host.startIndex
    guard let colon = host[afterBracket...].lastIndex(of: ":") else { return host }
    return String(host[..<colon])
  }

  private static func header(_ name: String, of connection: OpaquePointer) -> String? {
    MHD_lookup_connection_value(connection, MHD_ValueKind.HEADER_KIND, name).map { String(cString: $0) }
  }
}

/// An answer as it goes out: status, media type, body, and what else a fault adds.
struct HTTPAnswer: Equatable, Sendable {
  var status: Int
  var mediaType: String
  var body: String
  /// Further header lines (Retry-After, Location).
  var headers: [String: String] = [:]
}

/// The decision about a connection after a request, or a part of one, was looked at.
enum Reply {
  /// Goes on reading.
  case proceed
  case answer(HTTPAnswer)
  /// Announces the whole answer, sends half of its body, and cuts the connection.
  case half(HTTPAnswer)
  /// Cuts the connection.
  case cut
}
