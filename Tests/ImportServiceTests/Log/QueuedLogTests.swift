@testable import ImportRuntime
import ImportSystem
import Synchronization
import Testing

@testable import ImportService

/// A log whose reader stands still until a test lets it go on.
private final class StandingLog: Log {
  private let gate = Mutex(())
  let lines = Lines()

  func write(_ event: LogEvent) {
    gate.withLock { _ in lines.write(event) }
  }

  /// Performs `body` while nobody reads.
  func standing(_ body: () -> Void) { gate.withLock { _ in body() } }
}

@Suite struct QueuedLogTests {
  private func line(_ number: Int) -> LogEvent { LogEvent(.setScheduled).with("set", number) }

  @Test func `a log that nobody reads delays nobody, and what is dropped is counted when it flows again`() {
    let target = StandingLog()
    let log = QueuedLog(target)
    let count = 10_000
    target.standing {
      for number in 0..<count { log.write(line(number)) }
    }
    log.finish(within: 60_000_000_000)
    let written = target.lines.of(.setScheduled).count
    let dropped = target.lines.of(.logLinesDropped).compactMap { $0["lines"].flatMap { Int($0) } }
    #expect(written >= 4096)
    #expect(written < count)
    #expect(written + dropped.reduce(0, +) == count)
  }

  @Test func `the end waits for a log that nobody reads no longer than its limit`() {
    let target = StandingLog()
    let log = QueuedLog(target)
    target.standing {
      log.write(line(1))
      let duration = ContinuousClock().measure { log.finish(within: 10_000_000) }
      #expect(duration < .seconds(30))
      #expect(target.lines.all == [])
    }
  }

  @Test func `lines that are read are written in their order, all of them`() {
    let target = StandingLog()
    let log = QueuedLog(target)
    for number in 0..<1000 { log.write(line(number)) }
    log.finish(within: 60_000_000_000)
    #expect(target.lines.all.map { $0["set"] } == (0..<1000).map { "\($0)" })
  }
}
