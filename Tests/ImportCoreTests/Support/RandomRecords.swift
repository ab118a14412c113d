import ImportCore

/// Records of every kind with words of every kind, the same for the same seed.
struct RandomRecords {
  private var random: SplitMix

  init(seed: UInt64) { random = SplitMix(seed) }

  private static let pieces =
    (0...0x20).map { String(Unicode.Scalar($0)) } + [
      "\"", "\\", "/", "\u{7f}", "\u{80}", "é", "e\u{301}", "\u{7ff}", "\u{800}", "\u{2028}", "\u{2029}",
      "\u{d7ff}", "\u{e000}", "\u{feff}", "\u{fffd}", "\u{ffff}", "😀", "👩‍🔬", "\u{10ffff}", "\r\n",
      "\\u0041", "</script>", "&", "'", "null", "plain", "a longer piece without anything odd",
    ]

  mutating func text() -> String {
    let length = Bool.random(using: &random) ? Int.random(in: 0...4, using: &random) : number(below: 60)
    return (0..<length).map { _ in element(of: Self.pieces) }.joined()
  }

  /// A time in the years from 1970 to 2096, with which can be reckoned.
  mutating func time() -> Timestamp {
    Timestamp(microseconds: .random(in: 0..<4_000_000_000_000_000, using: &random))
  }

  private mutating func anyTime() -> Timestamp {
    Timestamp(microseconds: element(of: [.random(in: .min ... .max, using: &random), .min, .max, 0, -1]))
  }

  mutating func record(sequence: Int64) -> JournalRecord {
    JournalRecord(
      sequence: sequence, synced: .random(in: .min ... .max, using: &random), time: time(), entry: entry())
  }

  private mutating func entry() -> JournalEntry {
    switch number(below: 17) {
    case 14: .outcomeOpened(job())
    case 15: .outcomeSettled(SettledOutcome(job(), outcome()))
    case 16:
      .outcomeReading(
        OutcomeReading(
          stop: optional(
            OutcomeReading.Stop(
              key: text(), refusal: OutcomeRefusal(text: text(), remedy: text()), since: anyTime()))))
    case 12: .reconciled(by: text())
    case 13: .outdated(OutdatedJournal(set: Invented.set, scheduled: time(), ended: optional(time())))
    case 0: .server(breaker())
    case 1:
      .source(
        Invented.source,
        SourceControl(pausedBy: optional(text()), haltedBy: optional(Invented.other)))
    case 2: .history(Invented.source, history())
    default: .event(event(), set: element(of: [Invented.set, Invented.other]))
    }
  }

  private mutating func event() -> DeliveryEvent {
    let (batch, mode) = (element(of: [Invented.batch, Invented.nextBatch]), element(of: ImportMode.allCases))
    return switch number(below: 39) {
    case 38: .approvedAsClean(records: .random(in: 0 ... .max, using: &random))
    case 36: .foundScheduled(batch: batch, server: text(), mode: mode, thenApproval: .random(using: &random))
    case 37: .foundUnscheduled
    case 35: .dryRunEnded(batch: batch, outcome: outcome())
    case 0: .claimBegun(claim: claim())
    case 1: .claimWithdrawn(reason: text())
    case 2: .inspected(manifest: manifest())
    case 3: .controlMissed
    case 4: .controlUploaded(shared: .random(using: &random))
    case 5: .batchAbandoned(reason: reason())
    case 6: .digestDiffered(reason: reason())
    case 7: .attemptFailed(reason: reason(), next: anyTime(), alone: .random(using: &random))
    case 8: .archived
    case 9: .rejected(reason: reason())
    case 10: .held(reason: reason())
    case 11: .skipped(sameAs: element(of: [Invented.set, Invented.other]), mode: mode)
    case 12: .filed
    case 13: .retried(by: text(), importAgain: .random(using: &random))
    case 14: .reopened(claim: claim(), by: text())
    case 15: .returned
    case 16: .approved(by: text())
    case 17: .approvalReminded
    case 18: .claimBegun(claim: claim())
    case 33: .discarded(by: text())
    case 34: .removed
    case 19...21: .claimed
    case 22, 23: .inspected(manifest: manifest())
    case 24, 25: .batchCreated(batch: batch, server: text())
    case 26...28: .fileUploaded(key: element(of: ["a", text()]))
    case 29, 30:
      .scheduleIntended(
        mode: mode, thenApproval: optional(.random(using: &random)),
        ifClean: optional(.random(using: &random)))
    default: .scheduled(repeated: .random(using: &random))
    }
  }

  private mutating func job() -> OpenOutcome {
    var job = OpenOutcome(
      set: element(of: [Invented.set, Invented.other]),
      batch: element(of: [Invented.batch, Invented.nextBatch]),
      server: text(), mode: element(of: ImportMode.allCases), scheduled: time())
    (job.number, job.newest) = (optional(Int64(number(below: 99))), optional(Int64(number(below: 99))))
    return job
  }

  private mutating func outcome() -> JobOutcome {
    JobOutcome(
      element(of: OutcomeState.allCases), errors: optional(.random(in: 0 ... .max, using: &random)),
      seen: optional(anyTime()), reason: optional(text()))
  }

  private mutating func claim() -> Claim {
    Claim(
      form: element(of: [.folder, .flat]), name: text(), directory: text(), control: optional(text()),
      completed: anyTime(),
      items: (0..<number(below: 4)).map { _ in Claim.Item(name: text(), identity: identity()) })
  }

  private mutating func manifest() -> Manifest {
    let keys = number(below: 2) == 0 ? ["a"] : (0..<number(below: 4)).map { _ in text() }
    return Manifest(control: file(), files: keys.map { Manifest.Entry(key: $0, content: file()) })
  }

  private mutating func file() -> ManifestFile {
    ManifestFile(
      file: text(), size: .random(in: .min ... .max, using: &random),
      sha256: Invented.digest(.random(in: 0...255, using: &random)), identity: identity(),
      records: number(below: 2) == 0 ? nil : .random(in: 0 ... .max, using: &random),
      recordKey: optional(text()))
  }

  private mutating func identity() -> FileIdentity {
    FileIdentity(
      device: UInt64(number(below: 3000)), inode: .random(in: 0 ... .max, using: &random),
      size: Int64(number(below: 100)), modified: .random(in: .min ... .max, using: &random),
      changed: element(of: [.min, .max, 0]))
  }

  private mutating func reason() -> Reason {
    Reason(
      text(), remedy: optional(text()), step: optional(element(of: ServerStep.allCases)),
      key: optional(text()),
      http: optional(number(below: 600)), cause: optional(element(of: Reason.Cause.allCases)))
  }

  private mutating func breaker() -> ServerBreaker {
    var breaker = ServerBreaker()
    if Bool.random(using: &random) { _ = breaker.accepted() }
    if Bool.random(using: &random) {
      _ = breaker.refused(element(of: ServerStop.allCases), reason(), key: text(), at: Invented.start)
    }
    return breaker
  }

  private mutating func history() -> SourceHistory {
    var history = SourceHistory()
    for day in 0..<number(below: 4) {
      let now = Invented.start.advanced(by: Invented.day * day)
      _ = history.review(expecting: Invented.day, isStopped: false, now: now)
    }
    return history
  }

  private mutating func number(below bound: Int) -> Int { .random(in: 0..<bound, using: &random) }

  private mutating func element<Element>(of all: [Element]) -> Element { all.randomElement(using: &random)! }

  private mutating func optional<Value>(_ value: Value) -> Value? {
    Bool.random(using: &random) ? value : nil
  }
}
