import ImportCore
import Testing

/// When a source has sent nothing for too long, and when that is told.
@Suite struct ArrivalTests {
  private static let day = Duration.seconds(86_400)

  /// A source that should send a set a day, and the clock.
  private struct Source {
    var state = JournalState()
    var now = Invented.start
    var span: Duration? = ArrivalTests.day
    private var number = 0

    mutating func apply(_ entry: JournalEntry) throws {
      try state.apply(JournalRecord(sequence: state.sequence + 1, synced: 0, time: now, entry: entry))
    }

    mutating func arrive() throws {
      number += 1
      let set = try #require(SetID("20261124T070512Z-hr-set\(22222 + number)"))
      try apply(.event(.claimBegun(claim: Invented.claim()), set: set))
      try apply(.event(.claimed, set: set))
    }

    /// Asks for news as the daemon does, until there are none.
    mutating func news() throws -> [ArrivalNews] {
      var all: [ArrivalNews] = []
      while true {
        var history = state.histories[Invented.source] ?? SourceHistory()
        let isStopped = state.controls[Invented.source] != nil
        let news = history.review(expecting: span, isStopped: isStopped, now: now)
        try apply(.history(Invented.source, history))
        guard let news else { return all }
        all.append(news)
      }
    }

    mutating func wait(_ days: Double) { now = now.advanced(by: .milliseconds(Int64(days * 86_400_000))) }

    /// What a restart reads after the journal was made anew.
    mutating func restart() throws {
      let entries = state.snapshot
      state = JournalState(sequence: state.sequence)
      for entry in entries { try apply(entry) }
    }
  }

  @Test func `a source that never sent is waited for from when it is first expected to`() throws {
    var source = Source()
    #expect(try source.news() == [])
    source.wait(0.99)
    #expect(try source.news() == [])
    source.wait(0.01)
    #expect(try source.news() == [.silent(since: Invented.start, missed: 1)])
  }

  @Test func `one alarm a lapse, however long it is, and one line when it is over`() throws {
    var source = Source()
    try source.arrive()
    source.wait(1.5)
    #expect(try source.news() == [.silent(since: Invented.start, missed: 1)])
    for _ in 1...5 {
      source.wait(1)
      try source.restart()
      #expect(try source.news() == [])
    }
    try source.arrive()
    #expect(try source.news() == [.heard(after: .seconds(86_400 * 6 + 43_200), missed: 6)])
    #expect(try source.news() == [])
  }

  @Test func `after it is over the next lapse is told again`() throws {
    var source = Source()
    try source.arrive()
    source.wait(2)
    _ = try source.news()
    try source.arrive()
    source.wait(3)
    #expect(
      try source.news() == [
        .heard(after: Self.day * 2, missed: 2),
        .silent(since: source.now.advanced(by: Self.day * -3), missed: 3),
      ])
  }

  @Test func `sets that come in time keep it quiet, what becomes of them is no matter`() throws {
    var source = Source()
    for _ in 1...5 {
      try source.arrive()
      source.wait(0.9)
      #expect(try source.news() == [])
    }
  }

  @Test func `a restart does not begin anew`() throws {
    var source = Source()
    try source.arrive()
    for _ in 1...4 {
      source.wait(0.2)
      try source.restart()
      #expect(try source.news() == [])
    }
    source.wait(0.2)
    #expect(try source.news() == [.silent(since: Invented.start, missed: 1)])
  }

  @Test func `a source whose last set is long ago is told of as soon as sets are expected`() throws {
    var source = Source()
    source.span = nil
    try source.arrive()
    #expect(try source.news() == [])
    source.wait(10)
    source.span = Self.day
    #expect(try source.news() == [.silent(since: Invented.start, missed: 10)])
  }

  @Test func `while a source is paused nothing is missed, and time counts from when it goes on`() throws {
    var source = Source()
    try source.arrive()
    source.wait(0.5)
    try source.apply(.source(Invented.source, SourceControl(pausedBy: "ada")))
    source.wait(3)
    #expect(try source.news() == [])
    try source.apply(.source(Invented.source, SourceControl()))
    #expect(try source.news() == [])
    source.wait(0.9)
    #expect(try source.news() == [])
    source.wait(0.1)
    #expect(try source.news().count == 1)
  }

  @Test func `when no set is expected any more, the alarm is forgotten without a word`() throws {
    var source = Source()
    try source.arrive()
    source.wait(2)
    _ = try source.news()
    source.span = nil
    #expect(try source.news() == [])
    #expect(source.state.histories[Invented.source]?.silence == nil)
  }

  @Test func `a clock that was ahead does not silence the alarm`() throws {
    var source = Source()
    source.wait(3650)
    try source.arrive()
    source.now = Invented.start
    #expect(try source.news() == [])
    source.wait(1)
    #expect(try source.news() == [.silent(since: Invented.start, missed: 1)])
  }

  @Test func `a set that was withdrawn has not come`() throws {
    var source = Source()
    try source.apply(.event(.claimBegun(claim: Invented.claim()), set: Invented.set))
    try source.apply(.event(.claimWithdrawn(reason: "gone"), set: Invented.set))
    #expect(source.state.histories[Invented.source]?.arrived == nil)
  }
}

/// When a person is reminded of a set that waits for approval.
@Suite struct ApprovalReminderTests {
  private let day = Duration.seconds(86_400)
  private let waiting =
    Invented.untilUploaded + [
      DeliveryEvent.scheduleIntended(mode: .dryRun, thenApproval: true), .scheduled(repeated: false),
    ]

  @Test func `first a day after the dry run, then a day after each reminder`() throws {
    let delivery = try Invented.delivery().after(waiting)
    let first = Invented.start.advanced(by: day)
    #expect(delivery.reminderTime(every: day, now: Invented.start) == first)
    let late = first.advanced(by: .seconds(5000))
    let reminded = try delivery.after(.approvalReminded, at: late)
    #expect(reminded.reminderTime(every: day, now: late) == late.advanced(by: day))
    #expect(reminded.next == nil && reminded.state(now: late) == .awaitingApproval)
  }

  @Test func `a clock that was ahead does not silence it, and one that was set back does not repeat it`()
    throws
  {
    let ahead = Invented.start.advanced(by: day * 3650)
    let delivery = try Invented.delivery().after(waiting, at: ahead)
    #expect(delivery.reminderTime(every: day, now: Invented.start) == Invented.start)
    let reminded = try delivery.after(.approvalReminded, at: Invented.start)
    #expect(reminded.reminderTime(every: day, now: Invented.start) == Invented.start.advanced(by: day))
  }

  @Test func `nobody is reminded of a set that does not wait for that, or no longer`() throws {
    for events in [Invented.untilUploaded, Invented.untilIntended, waiting + [.approved(by: "ada")]] {
      let delivery = try Invented.delivery().after(events)
      #expect(delivery.reminderTime(every: day, now: Invented.start) == nil)
      #expect(throws: Contradiction.self) { try delivery.after(.approvalReminded) }
    }
  }
}
