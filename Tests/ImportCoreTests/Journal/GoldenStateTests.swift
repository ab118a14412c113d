import ImportCore
import Testing

/// Format 1 of the journal, as literals that stay for good: header, snapshots and the server's records.
@Suite struct GoldenStateTests {
  @Test func `the header of a journal that was written once is read for good`() throws {
    let text = #"{"base":41,"format":1,"instance":"k7w2x9q4"}"#
    let header = JournalHeader(instance: "k7w2x9q4", base: 41)
    #expect(Lines.textWithoutSum(of: header) == text)
    #expect(JournalLine.decode(JournalHeader.self, Lines.summed(text)[...]) == header)
  }

  @Test func `checksums of lines that were written once stay right`() {
    let lines = [
      #"{"base":0,"format":1,"instance":"k7w2x9q4","sum":"82960c6a"}"#,
      #"{"event":{"batchCreated":{"batch":"Q0pXb1F3c2hVQ2lqT0t2bE9hZ2t4d1ZrR2hQbnB5dGRz","server":"https://research.example.ac.uk"}},"seq":6,"set":"20261124T070512Z-hr-7f3k2m9q","synced":5,"time":"2026-11-24T07:05:12.480113Z","sum":"58fe2dd1"}"#,
    ]
    for line in lines { #expect(JournalLine.isIntact(Array(line.utf8)[...]), "\(line)") }
  }

  static let stages: [([DeliveryEvent], String)] = [
    ([], #"{"claiming":{}}"#),
    ([.claimed], #"{"claimed":{}}"#),
    ([.claimed, Invented.inspected, .controlMissed], #"{"prepared":{"controlMissing":true}}"#),
    (
      Invented.untilBatch + [.fileUploaded(key: "a")],
      #"{"uploading":{"batch":"Q0pXb1F3c2hVQ2lqT0t2bE9hZ2t4d1ZrR2hQbnB5dGRz","uploaded":["a"]}}"#
    ),
    (
      Invented.untilIntended,
      #"{"inDoubt":{"batch":"Q0pXb1F3c2hVQ2lqT0t2bE9hZ2t4d1ZrR2hQbnB5dGRz","mode":"import"}}"#
    ),
    (
      Invented.untilIntended + [.scheduled(repeated: true)],
      #"{"scheduled":{"batch":"Q0pXb1F3c2hVQ2lqT0t2bE9hZ2t4d1ZrR2hQbnB5dGRz","mode":"import"}}"#
    ),
    ([.rejected(reason: Reason("x"))], #"{"rejected":{"filed":false,"reason":{"text":"x"}}}"#),
    ([.held(reason: Reason("x")), .filed], #"{"held":{"filed":true,"reason":{"text":"x"}}}"#),
    ([.claimWithdrawn(reason: "x")], #"{"finished":{}}"#),
    (
      [.claimed, Invented.inspected, .skipped(sameAs: Invented.other, mode: .import)],
      #"{"skipped":{"mode":"import"}}"#
    ),
  ]

  @Test(arguments: stages)
  func `each stage has its words`(events: [DeliveryEvent], text: String) throws {
    #expect(Lines.textWithoutSum(of: try Invented.delivery().after(events).stage) == text)
  }

  /// A set with everything that a snapshot can hold; the text is what format 1 makes of it.
  @Test func `a snapshot that was written once is read for good`() throws {
    let failed = DeliveryEvent.attemptFailed(
      reason: Reason("Gateway timeout", step: .schedule, http: 504),
      next: Timestamp(microseconds: 1_795_503_917_250_000), alone: true)
    let abandoned = DeliveryEvent.batchAbandoned(reason: Invented.reason)
    let events =
      Invented.untilBatch + [
        abandoned, .controlMissed, .controlUploaded(shared: false), Invented.createdNext,
      ]
      + [.fileUploaded(key: "a"), .fileUploaded(key: "b"), Invented.intended, failed]
    let delivery = try Invented.delivery().after(events)
    let record = JournalRecord(sequence: 42, synced: 41, time: Invented.start, entry: .snapshot(delivery))
    #expect(Lines.textWithoutSum(of: record) == Self.snapshot)
    #expect(JournalLine.decode(JournalRecord.self, Lines.summed(Self.snapshot)[...]) == record)
    let older = Self.snapshot.replacing(Self.countedAnswers, with: "")
    guard
      case .snapshot(let read)? = JournalLine.decode(JournalRecord.self, Lines.summed(older)[...])?.entry
    else { return #expect(Bool(false)) }
    #expect(read.repeatedAnswer == nil && read.stage == delivery.stage)
  }

  @Test func `a snapshot of a set held in doubt names its batch`() throws {
    let delivery = try Invented.delivery().after(
      Invented.untilIntended + [.held(reason: Reason("x"))])
    let text = Lines.textWithoutSum(of: delivery)
    #expect(text.contains(#""heldInDoubt":"Q0pXb1F3c2hVQ2lqT0t2bE9hZ2t4d1ZrR2hQbnB5dGRz""#))
  }

  @Test func `the server's record that was written once is read for good`() throws {
    var breaker = ServerBreaker()
    let open = #"{"isProven":false}"#
    #expect(Lines.textWithoutSum(of: breaker) == open)
    _ = breaker.refused(
      .keyRefused, Reason("Invalid API Key", step: .batch, http: 403), key: "5a1c", at: Invented.start)
    let record = JournalRecord(sequence: 3, synced: 0, time: Invented.start, entry: .server(breaker))
    let text =
      #"{"seq":3,"server":{"isProven":false,"stop":{"cause":"key-refused","key":"5a1c","#
      + #""next":"2026-11-24T07:10:42.000000Z","probes":0,"reason":{"http":403,"step":"batch","#
      + #""text":"Invalid API Key"},"since":"2026-11-24T07:05:12.000000Z"}},"synced":0,"#
      + #""time":"2026-11-24T07:05:12.000000Z"}"#
    #expect(Lines.textWithoutSum(of: record) == text)
    #expect(JournalLine.decode(JournalRecord.self, Lines.summed(text)[...]) == record)
  }

  @Test func `the history of a source that was written once is read for good`() throws {
    var state = JournalState()
    let life =
      [.claimBegun(claim: Invented.claim())] + Invented.untilIntended + [.scheduled(repeated: false)]
    for (index, event) in life.enumerated() {
      try state.apply(
        JournalRecord(
          sequence: Int64(index + 1), synced: 0, time: Invented.start, entry: .event(event, set: Invented.set)
        ))
    }
    let history = try #require(state.histories[Invented.source])
    let record = JournalRecord(
      sequence: 42, synced: 41, time: Invented.start, entry: .history(Invented.source, history))
    let digits = { (byte: String) in String(repeating: byte, count: 32) }
    let text =
      #"{"history":{"arrived":"2026-11-24T07:05:12.000000Z","imports":["#
      + #""20261124T070512Z-hr-7f3k2m9q 1795503912000000 9e9c7720923c7b86fca3962bdafd69a2"],"#
      + #""lastImport":{"batch":"\#(Invented.batch)","control":"\#(digits("cc"))","files":["#
      + #"{"key":"a","sha256":"\#(digits("aa"))","size":5},{"key":"b","sha256":"\#(digits("bb"))","size":5}],"#
      + #""server":"https://research.example.ac.uk","set":"20261124T070512Z-hr-7f3k2m9q","#
      + #""time":"2026-11-24T07:05:12.000000Z"}},"seq":42,"source":"hr","synced":41,"#
      + #""time":"2026-11-24T07:05:12.000000Z"}"#
    #expect(Lines.textWithoutSum(of: record) == text)
    #expect(JournalLine.decode(JournalRecord.self, Lines.summed(text)[...]) == record)
    // As it was written before the batch was kept.
    let older = text.replacing(#""batch":"\#(Invented.batch)","#, with: "")
    guard
      case .history(_, let read)? = JournalLine.decode(JournalRecord.self, Lines.summed(older)[...])?.entry
    else { return #expect(Bool(false)) }
    #expect(read.lastImport?.batch == nil && read.lastImport?.set == history.lastImport?.set)
  }

  @Test func `a history of version 0.1 has the last set only, and is still compared with`() throws {
    let digits = { (byte: String) in String(repeating: byte, count: 32) }
    let text =
      #"{"history":{"arrived":"2026-11-24T07:05:12.000000Z","lastImport":{"control":"\#(digits("cc"))","files":["#
      + #"{"key":"a","sha256":"\#(digits("aa"))","size":5},{"key":"b","sha256":"\#(digits("bb"))","size":5}],"#
      + #""server":"https://research.example.ac.uk","set":"20261124T070512Z-hr-7f3k2m9q","#
      + #""time":"2026-11-24T07:05:12.000000Z"}},"seq":42,"source":"hr","synced":41,"#
      + #""time":"2026-11-24T07:05:12.000000Z"}"#
    let record = try #require(JournalLine.decode(JournalRecord.self, Lines.summed(text)[...]))
    guard case .history(_, let history) = record.entry else { Issue.record("no history"); return }
    let other = history.duplicate(of: Invented.manifest(), .import, at: Invented.server)
    #expect(other?.set == Invented.set && other?.time == Invented.start)
    #expect(history.hasScheduled(Invented.set))
    #expect(Lines.textWithoutSum(of: record) == text)
  }

  @Test func `what was found of journal and clocks is read for good`() throws {
    let found = OutdatedJournal(set: Invented.set, scheduled: Invented.start, ended: Invented.start)
    var clock = ClockWatch(latest: Invented.start)
    _ = clock.look(now: Invented.start, boot: "b", uptime: 7)
    let time = "2026-11-24T07:05:12.000000Z"
    for (entry, text) in [
      (
        JournalEntry.outdated(found),
        #""outdated":{"ended":"\#(time)","scheduled":"\#(time)","set":"20261124T070512Z-hr-7f3k2m9q"},"seq":2"#
      ),
      (.reconciled(by: "ada"), #""reconciled":"ada","seq":2"#),
      (.clock(clock), #""clock":{"boot":"b","time":"\#(time)","uptime":7},"seq":2"#),
    ] {
      let record = JournalRecord(sequence: 2, synced: 1, time: Invented.start, entry: entry)
      let line = "{\(text),\"synced\":1,\"time\":\"\(time)\"}"
      #expect(Lines.textWithoutSum(of: record) == line)
      #expect(JournalLine.decode(JournalRecord.self, Lines.summed(line)[...]) == record)
    }
    let header = JournalHeader(instance: "k7w2x9q4", base: 41, created: Invented.start, marked: true)
    #expect(
      Lines.textWithoutSum(of: header)
        == #"{"base":41,"created":"\#(time)","format":1,"instance":"k7w2x9q4","marked":true}"#)
  }

  @Test func `jobs and their ends are read for good`() throws {
    let time = "2026-11-24T07:05:12.000000Z"
    var job = OpenOutcome(
      set: Invented.set, batch: Invented.batch, server: Invented.server, mode: .dryRun,
      scheduled: Invented.start)
    let opened =
      #""batch":"\#(Invented.batch)","mode":"dry-run","scheduled":"\#(time)","server":"\#(Invented.server)","#
      + #""set":"20261124T070512Z-hr-7f3k2m9q""#
    let settled = SettledOutcome(job, JobOutcome(.stuck, seen: Invented.start, reason: "x"))
    let unnumbered = job
    (job.number, job.newest) = (17, 19)
    let numbered =
      #""batch":"\#(Invented.batch)","mode":"dry-run","newest":19,"number":17,"scheduled":"\#(time)","#
      + #""server":"\#(Invented.server)","set":"20261124T070512Z-hr-7f3k2m9q""#
    let stop = OutcomeReading.Stop(
      key: "5a1c", refusal: OutcomeRefusal(text: "a", remedy: "b"), since: Invented.start)
    for (entry, text) in [
      (JournalEntry.outcomeOpened(unnumbered), "\"job\":{\(opened)},\"seq\":2"),
      (.outcomeOpened(job), "\"job\":{\(numbered)},\"seq\":2"),
      (.outcomeReading(OutcomeReading()), #""outcomes":{},"seq":2"#),
      (
        .outcomeReading(OutcomeReading(stop: stop)),
        #""outcomes":{"stop":{"key":"5a1c","refusal":{"remedy":"b","text":"a"},"since":"\#(time)"}},"seq":2"#
      ),
    ] {
      let record = JournalRecord(sequence: 2, synced: 1, time: Invented.start, entry: entry)
      let line = "{\(text),\"synced\":1,\"time\":\"\(time)\"}"
      #expect(Lines.textWithoutSum(of: record) == line)
      #expect(JournalLine.decode(JournalRecord.self, Lines.summed(line)[...]) == record)
    }
    let record = JournalRecord(sequence: 2, synced: 1, time: Invented.start, entry: .outcomeSettled(settled))
    func line(_ scheduled: String) -> String {
      #"{"seq":2,"settled":{"batch":"\#(Invented.batch)","mode":"dry-run","outcome":{"reason":"x","seen":"\#(time)","#
        + #""state":"stuck"},\#(scheduled)"server":"\#(Invented.server)","set":"20261124T070512Z-hr-7f3k2m9q"},"synced":1,"#
        + #""time":"\#(time)"}"#
    }
    let text = line("\"scheduled\":\"\(time)\",")
    #expect(Lines.textWithoutSum(of: record) == text)
    #expect(JournalLine.decode(JournalRecord.self, Lines.summed(text)[...]) == record)
    // Records of before the time was kept.
    var old = settled
    old.scheduled = nil
    #expect(
      JournalLine.decode(JournalRecord.self, Lines.summed(line(""))[...])
        == JournalRecord(sequence: 2, synced: 1, time: Invented.start, entry: .outcomeSettled(old)))
    #expect(
      OutcomeState.allCases.map(\.rawValue) == [
        "pending", "imported", "imported-with-errors", "checked", "checked-with-errors", "failed", "stuck",
        "unknown",
      ])
  }

  @Test func `an alarm about a source that is silent is kept as it was written`() throws {
    var history = SourceHistory()
    let day = Duration.seconds(86_400)
    _ = history.review(expecting: day, isStopped: false, now: Invented.start)
    _ = history.review(expecting: day, isStopped: false, now: Invented.start.advanced(by: day))
    #expect(
      Lines.textWithoutSum(of: history)
        == #"{"awaitedSince":"2026-11-24T07:05:12.000000Z","silence":{"since":"2026-11-24T07:05:12.000000Z"}}"#
    )
  }

  @Test func `each cause of a stop has its word`() {
    #expect(
      ServerStop.allCases.map(\.rawValue) == ["key-refused", "throttled", "not-permitted", "wrong-address"])
  }

  private static let file5 = #""identity":{"changed":2,"device":2,"inode":7,"modified":1,"size":5},"sha256":"#

  /// Not in snapshots of older journals.
  private static let countedAnswers =
    #""repeatedAnswer":{"count":1,"http":504,"step":"schedule"},"scheduleFailure":504,"#

  private static let snapshot =
    #"{"seq":42,"snapshot":{"arrival":1,"attempts":2,"claim":{"completed":"2026-11-24T07:05:12.000000Z","#
    + #""control":"control.json","directory":"/srv/drop/hr","form":"folder","items":[{"identity":"#
    + #"{"changed":2,"device":2,"inode":7,"modified":1,"size":5},"name":"export"}],"name":"export"},"#
    + #""claimedAt":"2026-11-24T07:05:12.000000Z","contentChanges":0,"controlUploads":1,"deferral":"#
    + #"{"next":"2026-11-24T07:05:17.250000Z","reason":{"http":504,"step":"schedule","text":"#
    + #""Gateway timeout"}},"failingAloneSince":"2026-11-24T07:05:12.000000Z","failuresInRow":1,"#
    + #""farthest":2000000000,"manifest":{"control":{"file":"control.json",\#(file5)"#
    + #""cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc","size":5},"files":[{"content":"#
    + #"{"file":"a.json",\#(file5)"#
    + #""aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","size":5},"key":"a"},"#
    + #"{"content":{"file":"b.tsv",\#(file5)"#
    + #""bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","size":5},"key":"b"}]},"#
    + #""orphans":["Q0pXb1F3c2hVQ2lqT0t2bE9hZ2t4d1ZrR2hQbnB5dGRz"],"#
    + countedAnswers
    + #""server":"https://research.example.ac.uk","set":"20261124T070512Z-hr-7f3k2m9q","stage":{"inDoubt":{"batch":"#
    + #""bmV4dC1iYXRjaC1uZXh0LWJhdGNoLW5leHQtYmF0Y2gt","mode":"import"}},"wrongDigests":0},"synced":41,"#
    + #""time":"2026-11-24T07:05:12.000000Z"}"#
}
