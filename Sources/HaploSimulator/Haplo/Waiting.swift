import Glibc

/// Ends every wait of the simulator at once when it stops: a pipe that becomes readable and stays so.
final class StopLatch: Sendable {
  private let reading: Int32
  private let writing: Int32

  init() { (reading, writing) = makePipe() }

  deinit {
    _ = close(reading)
    _ = close(writing)
  }

  func trip() { _ = write(writing, "x", 1) }

  /// Waits, and returns false when the simulator stopped, or the client of `socket` went away, before the time
  /// was over.
  func wait(_ time: Duration, watching socket: Int32 = -1) -> Bool {
    var watched = [
      pollfd(fd: reading, events: Int16(POLLIN), revents: 0),
      pollfd(fd: socket, events: Int16(0x2000 /* POLLRDHUP */), revents: 0),
    ]
    return pollUntil(.now + time, &watched) == 0
  }

  /// Waits until `descriptor` can be read, or, if there is a limit, until it is over; false when the simulator stopped.
  func waitForInput(on descriptor: Int32, atMost limit: Duration? = nil) -> Bool {
    var watched = [
      pollfd(fd: reading, events: Int16(POLLIN), revents: 0),
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
    ]
    _ = pollUntil(limit.map { .now + $0 }, &watched)
    return watched[0].revents == 0
  }
}

/// Lets a fixed number of requests in at once, as the server's worker threads do: a pipe with one byte for
/// each free place.
final class Gate: Sendable {
  private let reading: Int32
  private let writing: Int32
  private let latch: StopLatch

  init(places: Int, latch: StopLatch) {
    (reading, writing) = makePipe()
    self.latch = latch
    for _ in 0..<places { leave() }
  }

  deinit {
    _ = close(reading)
    _ = close(writing)
  }

  /// Waits for a place; false when the simulator stopped.
  func enter() -> Bool {
    var token: UInt8 = 0
    while true {
      guard latch.waitForInput(on: reading) else { return false }
      if read(reading, &token, 1) == 1 { return true }
    }
  }

  func leave() { _ = write(writing, "x", 1) }
}

/// Wakes a thread that waits for input on `descriptor`: a pipe that has bytes after `ring()`.
final class Bell: Sendable {
  let descriptor: Int32
  private let writing: Int32

  init() { (descriptor, writing) = makePipe() }

  deinit {
    _ = close(descriptor)
    _ = close(writing)
  }

  /// Does nothing more if the pipe is full, for then it has bytes.
  func ring() { _ = write(writing, "x", 1) }

  func silence() {
    var bytes = [UInt8](repeating: 0, count: 64)
    while read(descriptor, &bytes, bytes.count) == bytes.count {}
  }
}

private func makePipe() -> (reading: Int32, writing: Int32) {
  var ends: [Int32] = [-1, -1]
  precondition(pipe(&ends) == 0, "no descriptors are left for a pipe")
  for end in ends {
    _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    _ = fcntl(end, F_SETFL, O_NONBLOCK)
  }
  return (ends[0], ends[1])
}

/// Polls again after a signal; returns the number of descriptors that are ready.
private func pollUntil(_ end: ContinuousClock.Instant?, _ watched: inout [pollfd]) -> Int32 {
  while true {
    let ready = poll(&watched, nfds_t(watched.count), milliseconds(until: end))
    if ready > 0 { return ready }
    if ready == 0, end.map({ $0 <= .now }) ?? false { return 0 }
  }
}

private func milliseconds(until end: ContinuousClock.Instant?) -> Int32 {
  guard let end else { return -1 }
  let parts = (end - .now).components
  guard parts.seconds >= 0, parts.attoseconds >= 0 else { return 0 }
  let rounded = (parts.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
  return Int32(min(parts.seconds, 1_000_000) * 1000 + rounded)
}
