import ImportCore
import Testing

@testable import ImportService

/// When somebody who waits for hints is woken without one.
@Suite(.timeLimit(.minutes(5))) struct HintAlarmTests {
  private let time = ManualTime()
  private let hints = Hints()

  private func moment(after seconds: Int64) -> MonotonicInstant {
    time.monotonic.advanced(by: .seconds(seconds))
  }

  /// Sets moments one after another while the alarm's task sleeps, and moves the clock.
  private func run(_ body: (HintAlarm) async -> Void) async {
    let alarm = HintAlarm(hints, time)
    let task = Task { await alarm.run() }
    await body(alarm)
    task.cancel()
    await task.value
  }

  @Test func `it wakes at the moment that was set, once`() async {
    await run { alarm in
      alarm.set(moment(after: 10))
      await time.sleeper(within: .seconds(10))
      time.advance(by: .seconds(9))
      #expect(hints.isEmpty)
      time.advance(by: .seconds(1))
      await hints.wait()
      #expect(hints.take().isTime)
      alarm.set(moment(after: 5))
      await time.sleeper(within: .seconds(5))
      #expect(hints.isEmpty)
    }
  }

  @Test func `an earlier moment counts at once`() async {
    await run { alarm in
      alarm.set(moment(after: 100))
      await time.sleeper(within: .seconds(100))
      alarm.set(moment(after: 3))
      await time.sleeper(within: .seconds(3))
      time.advance(by: .seconds(3))
      await hints.wait()
      #expect(hints.take().isTime)
    }
  }

  @Test func `a later one as well, though the task wakes in between`() async {
    await run { alarm in
      alarm.set(moment(after: 3))
      await time.sleeper(within: .seconds(3))
      alarm.set(moment(after: 10))
      time.advance(by: .seconds(4))
      await time.sleeper(within: .seconds(6))
      #expect(hints.isEmpty)
      time.advance(by: .seconds(6))
      await hints.wait()
      #expect(hints.take().isTime)
    }
  }

  @Test func `without a moment nobody is woken, and nobody sleeps any more`() async {
    await run { alarm in
      alarm.set(moment(after: 3))
      await time.sleeper(within: .seconds(3))
      alarm.set(nil)
      time.advance(by: .seconds(4))
      // Another moment is heard though none was set for a while.
      alarm.set(moment(after: 7))
      await time.sleeper(within: .seconds(7))
      #expect(hints.isEmpty)
    }
  }
}
