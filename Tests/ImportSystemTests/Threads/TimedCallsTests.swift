import Glibc
import ImportSystem
import Synchronization
import Testing

@Suite struct TimedCallsTests {
  @Test func `results come in the order of the calls`() {
    let calls: [@Sendable () -> Int] = (0..<8).map { number in { number } }
    #expect(TimedCalls.results(of: calls, within: 60_000_000_000) == Array(0..<8))
  }

  @Test func `a call that hangs has no result, and delays the others no longer than the limit`() {
    let isOver = Mutex(false)
    defer { isOver.withLock { $0 = true } }
    let hanging: @Sendable () -> Int = {
      while !isOver.withLock({ $0 }) { sched_yield() }
      return 0
    }
    #expect(TimedCalls.results(of: [hanging, { 1 }], within: 1_000_000_000) == [nil, 1])
  }
}
