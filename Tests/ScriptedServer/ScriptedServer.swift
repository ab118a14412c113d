import Glibc
import Synchronization

/// A raw TCP server on loopback that does exactly what its script says, connection by connection, well or
/// badly, and remembers what it received. The n-th connection follows the n-th script, all later ones the last.
public final class ScriptedServer: Sendable {
  /// One thing to do on a connection. When a script ends, the connection is closed.
  public enum Action: Sendable {
    /// Reads one request: its head and, by its Content-Length, its body.
    case readRequest
    /// Reads one request, and forgets its body at once.
    case skimRequest
    /// Reads a head only.
    case readHead
    /// Reads so many bytes of a body.
    case readBytes(Int)
    /// Sends text.
    case send(String)
    /// Sends bytes.
    case sendBytes([UInt8])
    /// Sends a block of so many bytes, over and over, until the client goes away.
    case sendForever(Int)
    /// Waits until as many connections as the barrier counts are at this action at once.
    case meet(Barrier)
    /// Reads nothing more until the client is gone.
    case stand
    /// Reads, and does nothing else, until the client closes the connection.
    case hold
    /// Ends the connection with a reset.
    case reset
  }

  /// A request as it arrived.
  public struct Request: Sendable {
    /// Which connection it came on, from 0.
    public var connection: Int
    /// Request line and headers.
    public var head: String
    public var body: [UInt8]
  }

  private let listener: Int32
  /// Where it listens.
  public let port: UInt16
  private let arrivals: AsyncStream<Void>
  private let departures: AsyncStream<Void>
  private let record: ServerRecord

  /// Starts to listen, and to serve on threads of its own.
  public init(_ scripts: [[Action]]) {
    (listener, port) = Self.listen()
    let (arrivals, arrived) = AsyncStream<Void>.makeStream()
    let (departures, departed) = AsyncStream<Void>.makeStream()
    let record = ServerRecord(arrived, departed)
    self.departures = departures
    self.arrivals = arrivals
    self.record = record
    let listener = self.listener
    startThread {
      var index = 0
      while case let socket = accept(listener, nil, nil), socket >= 0 {
        let script = scripts[min(index, scripts.count - 1)]
        let number = index
        index += 1
        startThread {
          ScriptedConnection(record, number, socket).play(script)
          close(socket)
          record.closed()
        }
      }
      // Closed here and nowhere else: the number may at once be another server's.
      close(listener)
    }
  }

  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  public var url: String { "http://127.0.0.1:\(port)/api" }
  /// All requests whose head arrived, in that order.
  public var requests: [Request] { record.state.withLock(\.requests) }
  public var connections: Int { record.state.withLock(\.connections) }
  /// The most requests that had come and were not yet being answered at one time.
  public var mostPresent: Int { record.state.withLock(\.mostPresent) }

  /// Waits until the heads of so many requests have arrived since the last call.
  public func arrivals(of count: Int) async {
    var iterator = arrivals.makeAsyncIterator()
    for _ in 0..<count { await iterator.next() }
  }

  /// Waits until a connection has ended.
  public func departure() async {
    var iterator = departures.makeAsyncIterator()
    await iterator.next()
  }

  /// A port of loopback on which nobody listens; it stays taken, so that nobody else will.
  public static func unusedPort() -> UInt16 { bound().1 }

  private static func listen() -> (Int32, UInt16) {
    let (listener, port) = bound()
    precondition(Glibc.listen(listener, 64) == 0)
    return (listener, port)
  }

  private static func bound() -> (Int32, UInt16) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        precondition(bind(listener, generic, length) == 0)
        precondition(getsockname(listener, generic, &length) == 0)
      }
    }
    return (listener, UInt16(bigEndian: address.sin_port))
  }
}

/// An answer with its length, as text to send.
public func answer(_ status: String, _ body: String, type: String = "text/plain", headers: String = "")
  -> String
{
  "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
}
