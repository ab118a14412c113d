@testable import ImportRuntime
import Testing

/// Repeats are counted, not repeated.
@Suite struct RepeatedLinesTests {
  private let warning = LogEvent(.resultNotWritten, "no result could be left").with("source", "hr")
  private let minute: Int64 = 60 * 1_000_000_000

  @Test func `a warning that repeats is written once, and then with its count`() {
    var lines = RepeatedLines()
    #expect(lines.admit(warning.with("set", "a"), at: 0).count == 1)
    #expect(lines.admit(warning.with("set", "b"), at: minute) == [])
    #expect(lines.admit(warning.with("set", "c"), at: 2 * minute) == [])
    let later = lines.admit(warning.with("set", "d"), at: 11 * minute)
    #expect(later.map { $0["repeated"] } == ["2", nil])
    #expect(lines.end() == [])
  }

  @Test func `another source's warning is no repeat`() {
    var lines = RepeatedLines()
    _ = lines.admit(warning, at: 0)
    let other = LogEvent(.resultNotWritten, "no result could be left").with("source", "finance")
    #expect(lines.admit(other, at: 1) == [other])
  }

  @Test func `a change of a set's state is written however often it comes`() {
    var lines = RepeatedLines()
    let deferred = LogEvent(.setDeferred).with("set", "a").with("state", "deferred")
    #expect(lines.admit(deferred, at: 0) == [deferred])
    #expect(lines.admit(deferred, at: 1) == [deferred])
  }

  @Test func `a notice that it is well again ends the count, and the next warning is written`() {
    var lines = RepeatedLines()
    let full = LogEvent(.diskFull, "no room")
    let room = LogEvent(.diskHasRoom, "there is room again")
    _ = lines.admit(full, at: 0)
    _ = lines.admit(full, at: 1)
    #expect(lines.admit(room, at: 2) == [full.with("repeated", 1), room])
    #expect(lines.admit(full, at: 3) == [full])
  }

  @Test func `no more than a few different warnings are remembered`() {
    var lines = RepeatedLines()
    for number in 0..<(3 * RepeatedLines.mostLines) {
      #expect(lines.admit(warning.with("reason", number), at: 0).count == 1)
    }
  }

  @Test func `counts that nobody has seen are written at the end`() {
    var lines = RepeatedLines()
    _ = lines.admit(warning, at: 0)
    _ = lines.admit(warning, at: 1)
    #expect(lines.end() == [warning.with("repeated", 1)])
  }
}
