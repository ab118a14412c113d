import ImportCore
import Testing

/// Whether retention may believe the calendar clock.
@Suite struct ClockWatchTests {
  private let start = Invented.start
  private let day = Invented.day

  private func isTrusted(_ verdict: ClockWatch.Verdict) -> Bool { verdict == .trusted }

  private func uptime(_ hours: Int) -> Int64 { Int64(hours) * 3_600_000_000_000 }

  @Test func `a clock that goes on is trusted, hour by hour and over a short stop`() {
    var watch = ClockWatch(latest: start)
    for hour in 0..<48 {
      #expect(
        isTrusted(watch.look(now: start.advanced(by: .seconds(3600 * hour)), boot: "a", uptime: uptime(hour)))
      )
    }
    #expect(isTrusted(watch.look(now: start.advanced(by: .seconds(3600 * 60)), boot: "b", uptime: 0)))
  }

  @Test func `a jump of 400 days is doubted for a day`() {
    var watch = ClockWatch(latest: start)
    let ahead = start.advanced(by: day * 400)
    guard case .doubted(let jump, let until) = watch.look(now: ahead, boot: "a", uptime: 0) else {
      Issue.record("trusted")
      return
    }
    #expect(jump == day * 400 && until == ahead.advanced(by: day))
    #expect(!isTrusted(watch.look(now: ahead.advanced(by: .seconds(3600)), boot: "a", uptime: uptime(1))))
    #expect(
      !isTrusted(watch.look(now: ahead.advanced(by: .seconds(7200)), boot: "b", uptime: 0)), "a restart")
    #expect(isTrusted(watch.look(now: ahead.advanced(by: day), boot: "b", uptime: uptime(22))))
  }

  @Test func `a clock that was set right is trusted at once`() {
    var watch = ClockWatch(latest: start)
    _ = watch.look(now: start.advanced(by: day * 400), boot: "a", uptime: 0)
    #expect(isTrusted(watch.look(now: start.advanced(by: .seconds(3600)), boot: "a", uptime: uptime(1))))
  }

  @Test func `a machine that ran for a week without a look is no jump, a stop of a week is one`() {
    var watch = ClockWatch(latest: start)
    _ = watch.look(now: start, boot: "a", uptime: 0)
    var other = watch
    #expect(isTrusted(watch.look(now: start.advanced(by: day * 7), boot: "a", uptime: uptime(168))))
    #expect(!isTrusted(other.look(now: start.advanced(by: day * 7), boot: "b", uptime: 0)))
  }
}
