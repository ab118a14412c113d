import Glibc
import Synchronization

/// Answers 500 on connections whose body has been silent for too long (docs/server.md: 30 s).
///
/// libmicrohttpd can only answer after a whole body, so the answer is written past it and the connection shut
/// down; it then sees the end. With TLS the connection ends without an answer.
final class SilenceWatch: Sendable {
  private struct Body {
    let socket: Int32
    var latest: ContinuousClock.Instant
  }

  private let bodies = Mutex<[ObjectIdentifier: Body]>([:])
  private let limit: Duration
  private let answers: Bool
  private let latch: StopLatch

  init(limit: Duration, answers: Bool, latch: StopLatch) {
    self.limit = limit
    self.answers = answers
    self.latch = latch
  }

  /// Says that bytes of a body came, or that it is awaited from now on.
  func heard(_ exchange: AnyObject, on socket: Int32) {
    bodies.withLock { $0[ObjectIdentifier(exchange)] = Body(socket: socket, latest: .now) }
  }

  /// Ends the watch. After it the socket is not touched, so that its number may come to mean another.
  func forget(_ exchange: AnyObject) {
    bodies.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(exchange)) }
  }

  /// Watches until the simulator stops; a thread of its own runs this.
  func run() {
    var pause = limit
    while latch.wait(pause) { pause = endSilentOnes() }
  }

  /// Ends what has been silent for too long and returns the time until the next look.
  private func endSilentOnes() -> Duration {
    bodies.withLock { bodies in
      let now = ContinuousClock.now
      for (key, body) in bodies where now - body.latest >= limit {
        bodies[key] = nil
        end(body.socket)
      }
      let oldest = bodies.values.map(\.latest).min() ?? now
      return oldest + limit - now
    }
  }

  private func end(_ socket: Int32) {
    if answers {
      let page = Answers.internalError
      let text =
        "HTTP/1.1 \(page.status) Internal Server Error\r\nContent-Type: \(page.mediaType)\r\n"
        + "Content-Length: \(page.body.utf8.count)\r\nConnection: close\r\n\r\n\(page.body)"
      _ = send(socket, text, text.utf8.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }
    _ = shutdown(socket, Int32(SHUT_RDWR))
  }
}
