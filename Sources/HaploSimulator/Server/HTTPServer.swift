import CMicrohttpd
import Glibc
import Synchronization

/// Listens on loopback and brings requests to their `Exchange`: libmicrohttpd, with one thread a connection, so
/// that an exchange may wait.
final class HTTPServer: Sendable {
  let port: UInt16
  // The daemon ends in stop(), which is called once for each server at the least.
  private let daemon: Mutex<Handle?>
  // Kept alive for the callbacks, which hold it unretained.
  private let core: Core

  private struct Handle: @unchecked Sendable {
    // libmicrohttpd's own functions may be called from any thread.
    let pointer: OpaquePointer
  }

  init(core: Core) throws(SimulatorError) {
    let options = core.options
    let closure = Unmanaged.passUnretained(core).toOpaque()
    let pointer = haplo_mhd_start(
      options.port, options.tls?.certificate, options.tls?.key, access, completed, closure)
    guard let pointer else { throw .cannotListen(port: options.port, errno: errno) }
    self.core = core
    port = haplo_mhd_port(pointer)
    daemon = Mutex(Handle(pointer: pointer))
  }

  deinit { stop() }

  /// Closes every connection and returns when no thread is left. The core's latch must be tripped before.
  func stop() {
    let handle = daemon.withLock { handle in
      defer { handle = nil }
      return handle
    }
    if let handle { MHD_stop_daemon(handle.pointer) }
  }
}

private func access(
  closure: UnsafeMutableRawPointer?, connection: OpaquePointer?, url: UnsafePointer<CChar>?,
  method: UnsafePointer<CChar>?, version: UnsafePointer<CChar>?, data: UnsafePointer<CChar>?,
  size: UnsafeMutablePointer<Int>?, context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  let connection = connection!
  guard let known = context!.pointee else {
    let core = Unmanaged<Core>.fromOpaque(closure!).takeUnretainedValue()
    let head = RequestHead(connection, method: String(cString: method!), path: String(cString: url!))
    let exchange = Exchange(head, core)
    context!.pointee = Unmanaged.passRetained(exchange).toOpaque()
    return send(exchange.begin(), on: connection)
  }
  let exchange = Unmanaged<Exchange>.fromOpaque(known).takeUnretainedValue()
  guard size!.pointee > 0 else { return send(exchange.finish(), on: connection) }
  let piece = UnsafeRawBufferPointer(start: data, count: size!.pointee)
  size!.pointee = 0
  return send(exchange.take(piece), on: connection)
}

private func completed(
  closure: UnsafeMutableRawPointer?, connection: OpaquePointer?,
  context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, end: MHD_RequestTerminationCode
) {
  guard let known = context?.pointee else { return }
  context?.pointee = nil
  Unmanaged<Exchange>.fromOpaque(known).takeRetainedValue().end()
}

private func send(_ reply: Reply, on connection: OpaquePointer) -> MHD_Result {
  switch reply {
  case .proceed: MHD_Result.YES
  case .cut: MHD_Result.NO
  case .answer(let answer): queue(answer, wholeResponse(answer), on: connection)
  case .half(let answer): queue(answer, halfResponse(answer), on: connection)
  }
}

private func queue(_ answer: HTTPAnswer, _ response: OpaquePointer?, on connection: OpaquePointer)
  -> MHD_Result
{
  defer { MHD_destroy_response(response) }
  if !answer.mediaType.isEmpty { MHD_add_response_header(response, "Content-Type", answer.mediaType) }
  for (name, value) in answer.headers { MHD_add_response_header(response, name, value) }
  return MHD_queue_response(connection, UInt32(answer.status), response)
}

private func wholeResponse(_ answer: HTTPAnswer) -> OpaquePointer? {
  var body = Array(answer.body.utf8)
  return MHD_create_response_from_buffer(body.count, &body, MHD_ResponseMemoryMode.RESPMEM_MUST_COPY)
}

/// Announces the whole body; the reader gives its first half and then fails, at which the connection is cut.
private func halfResponse(_ answer: HTTPAnswer) -> OpaquePointer? {
  let half = HalfBody(answer.body)
  return MHD_create_response_from_callback(
    UInt64(answer.body.utf8.count), 1024,
    { closure, position, buffer, _ in
      let half = Unmanaged<HalfBody>.fromOpaque(closure!).takeUnretainedValue()
      guard position == 0, !half.bytes.isEmpty else { return -2 /* MHD_CONTENT_READER_END_WITH_ERROR */ }
      half.bytes.withUnsafeBytes { _ = memcpy(buffer!, $0.baseAddress!, $0.count) }
      return half.bytes.count
    }, Unmanaged.passRetained(half).toOpaque(),
    { closure in Unmanaged<HalfBody>.fromOpaque(closure!).release() })
}

private final class HalfBody: Sendable {
  let bytes: [UInt8]
  init(_ body: String) { bytes = Array(body.utf8.prefix(min(body.utf8.count / 2, 1024))) }
}
