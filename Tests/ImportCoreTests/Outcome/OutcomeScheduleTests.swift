import ImportCore
import Testing

/// Which open job is asked about next, and when.
@Suite struct OutcomeScheduleTests {
  private static let start = MonotonicInstant(nanoseconds: 0)

  /// Jobs of one server in the order of scheduling, by the last character of their batches.
  private let jobs = ["a", "b", "c"].map { name in
    OpenOutcome(
      set: Invented.set, batch: BatchID(String(repeating: "x", count: 43) + name)!, server: Invented.server,
      mode: .import, scheduled: Invented.start.advanced(by: .seconds(name == "a" ? 1 : name == "b" ? 2 : 3)))
  }

  private enum Event: Sendable {
    case open(Int), failed(Int), unexpected(Int), found(Int), stored(Int), notStored(Int)
  }

  private func schedule(_ events: [Event], at seconds: Int64 = 0) -> OutcomeSchedule {
    var schedule = OutcomeSchedule()
    let now = Self.start.advanced(by: .seconds(seconds))
    for event in events {
      switch event {
      case .open(let index): schedule.wasOpen(jobs[index], at: now)
      case .failed(let index): schedule.failed(jobs[index], at: now)
      case .unexpected(let index): _ = schedule.wasUnexpected(jobs[index], at: now)
      case .found(let index): schedule.found(jobs[index])
      case .stored(let index): schedule.stored(jobs[index])
      case .notStored(let index):
        schedule.couldNotStore(JobOutcome(.imported), of: jobs[index], until: now.advanced(by: .seconds(10)))
      }
    }
    return schedule
  }

  private func names(_ jobs: [OpenOutcome]) -> String { String(jobs.compactMap(\.batch.text.last)) }

  private static let table: [(events: [Event], eligible: String, due: String, next: Int64?)] = [
    // Nothing seen: each may be asked about, in order, at once.
    ([], "abc", "a", nil),
    // Those behind a pending job are not asked about; it is itself, after its pause.
    ([.open(0)], "a", "", 2),
    ([.open(1)], "ab", "a", 2),
    ([.open(0), .open(0)], "a", "", 4),
    // A failure or an answer that was not understood says nothing about those behind.
    ([.failed(0)], "abc", "b", 2),
    ([.unexpected(0), .failed(1)], "abc", "c", 2),
    ([.failed(0), .failed(1), .failed(2)], "abc", "", 2),
    ([.failed(0), .failed(0), .failed(1), .failed(2)], "abc", "", 2),
    // The job was open before it failed: it is not known to be pending any more.
    ([.open(0), .failed(0)], "abc", "b", 4),
    // A batch that was found in the list is read at once.
    ([.failed(0), .found(0)], "abc", "a", nil),
    // An end that could not be stored is not asked about again, nor does it keep the others waiting.
    ([.open(0), .notStored(0)], "bc", "b", nil),
    ([.notStored(0), .stored(0)], "abc", "a", nil),
  ]

  @Test(arguments: table.indices)
  func `what was seen decides which job is next`(index: Int) {
    let row = Self.table[index]
    let schedule = schedule(row.events)
    #expect(names(schedule.eligible(jobs)) == row.eligible)
    #expect(schedule.due(jobs, at: Self.start).map { names([$0]) } ?? "" == row.due)
    #expect(schedule.nextRequest(jobs)?.since(Self.start) == row.next.map { .seconds($0) })
  }

  @Test func `a job is due when its pause is over, the longest overdue one first`() {
    let schedule = schedule([.failed(0), .failed(0), .failed(1), .failed(2), .failed(2), .failed(2)])
    func due(_ seconds: Int64) -> String {
      schedule.due(jobs, at: Self.start.advanced(by: .seconds(seconds))).map { names([$0]) } ?? ""
    }
    #expect([1, 2, 4, 9].map(due) == ["", "b", "b", "b"])
    #expect(schedule.due([jobs[0], jobs[2]], at: Self.start.advanced(by: .seconds(9))) == jobs[0])
  }

  @Test func `ten answers in a row that were not understood are enough, and a good one begins anew`() {
    var schedule = schedule([])
    let results = (0..<10).map { _ in schedule.wasUnexpected(jobs[0], at: Self.start) }
    #expect(results == Array(repeating: false, count: 9) + [true])
    schedule.wasOpen(jobs[0], at: Self.start)
    let first = schedule.wasUnexpected(jobs[0], at: Self.start)
    // No answer is none that was understood.
    for _ in 0..<8 { _ = schedule.wasUnexpected(jobs[0], at: Self.start) }
    schedule.failed(jobs[0], at: Self.start)
    schedule.found(jobs[0])
    let last = schedule.wasUnexpected(jobs[0], at: Self.start)
    #expect(!first && last)
  }

  @Test func `an overdue job is read some times more, and so is one behind it, unless it cannot be read`() {
    func stillRead(_ events: [Event]) -> [Bool] {
      let schedule = schedule(events)
      return jobs.map { schedule.isStillRead($0, of: jobs, 2) }
    }
    #expect(stillRead([]) == [true, true, true])
    #expect(stillRead([.failed(0)]) == [true, true, true])
    #expect(stillRead([.failed(0), .failed(0)]) == [false, true, true])
    // The others are behind the first one.
    #expect(stillRead([.open(0)]) == [true, true, true])
    #expect(stillRead([.open(0), .open(0)]) == [false, false, false])
    #expect(!schedule([]).isStillRead(jobs[0], of: Array(jobs.dropFirst()), 2))
  }

  @Test func `the list is searched for a later job from the fifth page on`() {
    var schedule = schedule([])
    let slow = (0..<6).map { _ in
      defer { schedule.wasOpen(jobs[0], at: Self.start) }
      return schedule.isSlow(jobs[0])
    }
    #expect(slow == [false, false, false, false, true, true])
  }

  @Test func `an end that could not be stored is kept until it is`() throws {
    var schedule = schedule([.notStored(0)])
    let end = try #require(schedule.unstoredEnd(of: jobs[0]))
    #expect(end.outcome.state == .imported && end.next == Self.start.advanced(by: .seconds(10)))
    schedule.stored(jobs[0])
    #expect(schedule.unstoredEnd(of: jobs[0]) == nil)
  }

  @Test func `what was seen with another server or key is forgotten`() {
    var schedule = schedule([])
    schedule.use("one")
    schedule.wasOpen(jobs[0], at: Self.start)
    schedule.use("one")
    #expect(names(schedule.eligible(jobs)) == "a")
    schedule.use("other")
    #expect(names(schedule.eligible(jobs)) == "abc")
  }

  @Test func `jobs that are not open any more are forgotten`() {
    var schedule = schedule([.open(0), .open(1)])
    schedule.keep([jobs[1].batch: jobs[1]])
    #expect(names(schedule.eligible(jobs)) == "ab")
  }
}
