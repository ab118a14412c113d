import ImportCore
import Testing

/// Format 1 of the journal, as literals that stay for good: what was written once must be read by every later
/// program, and a change of a Swift name must not change what is written.
@Suite struct GoldenEventTests {
  private static let reasonText =
    #"{"http":503,"key":"a","remedy":"wait","step":"file","text":"Service unavailable"}"#
  private static let reason = Reason(
    "Service unavailable", remedy: "wait", step: .file, key: "a", http: 503)
  private static let identityText = #"{"changed":2,"device":2,"inode":7,"modified":1,"size":5}"#
  private static let manifestText =
    #"{"control":"# + fileText("control.json", "cc") + #","files":[{"content":"# + fileText("a.json", "aa")
    + #","key":"a"},{"content":"# + fileText("b.tsv", "bb") + #","key":"b"}]}"#

  private static func fileText(_ name: String, _ byte: String) -> String {
    let digest = String(repeating: byte, count: 32)
    return #"{"file":"\#(name)","identity":\#(identityText),"sha256":"\#(digest)","size":5}"#
  }

  static let rows: [(DeliveryEvent, String)] = [
    (
      .claimBegun(claim: Invented.claim()),
      #"{"claimBegun":{"claim":{"completed":"2026-11-24T07:05:12.000000Z","control":"control.json","#
        + #""directory":"/srv/drop/hr","form":"folder","items":[{"identity":"# + identityText
        + #","name":"export"}],"name":"export"}}}"#
    ),
    (.claimed, #"{"claimed":{}}"#),
    (.claimWithdrawn(reason: "gone"), #"{"claimWithdrawn":{"reason":"gone"}}"#),
    (Invented.inspected, #"{"inspected":{"manifest":\#(manifestText)}}"#),
    (.controlMissed, #"{"controlMissed":{}}"#),
    (.controlUploaded(shared: true), #"{"controlUploaded":{"shared":true}}"#),
    (
      Invented.created,
      #"{"batchCreated":{"batch":"Q0pXb1F3c2hVQ2lqT0t2bE9hZ2t4d1ZrR2hQbnB5dGRz","server":"https://research.example.ac.uk"}}"#
    ),
    (.fileUploaded(key: "a/b \"é\""), #"{"fileUploaded":{"key":"a/b \"é\""}}"#),
    (.batchAbandoned(reason: reason), #"{"batchAbandoned":{"reason":\#(reasonText)}}"#),
    (.digestDiffered(reason: Reason("x")), #"{"digestDiffered":{"reason":{"text":"x"}}}"#),
    (
      .attemptFailed(reason: reason, next: Invented.start, alone: true),
      #"{"attemptFailed":{"alone":true,"next":"2026-11-24T07:05:12.000000Z","reason":\#(reasonText)}}"#
    ),
    (.scheduleIntended(mode: .dryRun), #"{"scheduleIntended":{"mode":"dry-run"}}"#),
    (.scheduleIntended(mode: .import), #"{"scheduleIntended":{"mode":"import"}}"#),
    (
      .scheduleIntended(mode: .dryRun, thenApproval: true, ifClean: true),
      #"{"scheduleIntended":{"ifClean":true,"mode":"dry-run","thenApproval":true}}"#
    ),
    (.approvedAsClean(records: 7), #"{"approvedAsClean":{"records":7}}"#),
    (.scheduled(repeated: false), #"{"scheduled":{"repeated":false}}"#),
    (.archived, #"{"archived":{}}"#),
    (.rejected(reason: reason), #"{"rejected":{"reason":\#(reasonText)}}"#),
    (.held(reason: reason), #"{"held":{"reason":\#(reasonText)}}"#),
    (.filed, #"{"filed":{}}"#),
    (
      .held(reason: Reason("x", cause: .duplicate)),
      #"{"held":{"reason":{"cause":"duplicate","text":"x"}}}"#
    ),
    (.held(reason: Reason("x", cause: .shrunk)), #"{"held":{"reason":{"cause":"shrunk","text":"x"}}}"#),
    (.held(reason: Reason("x", cause: .guarded)), #"{"held":{"reason":{"cause":"guarded","text":"x"}}}"#),
    (
      .skipped(sameAs: Invented.other, mode: .dryRun),
      #"{"skipped":{"mode":"dry-run","sameAs":"20261124T070513Z-hr-abcdefgh"}}"#
    ),
    (.retried(by: "ada", importAgain: false), #"{"retried":{"by":"ada","importAgain":false}}"#),
    (.returned, #"{"returned":{}}"#),
    (.approved(by: "ada"), #"{"approved":{"by":"ada"}}"#),
    (
      .dryRunEnded(
        batch: Invented.batch, outcome: JobOutcome(.checkedWithErrors, errors: 3, seen: Invented.start)),
      #"{"dryRunEnded":{"batch":"\#(Invented.batch)","outcome":{"errors":3,"seen":"2026-11-24T07:05:12.000000Z","#
        + #""state":"checked-with-errors"}}}"#
    ),
    (
      .foundScheduled(batch: Invented.batch, server: Invented.server, mode: .dryRun, thenApproval: true),
      #"{"foundScheduled":{"batch":"\#(Invented.batch)","mode":"dry-run","server":"\#(Invented.server)","#
        + #""thenApproval":true}}"#
    ),
    (.foundUnscheduled, #"{"foundUnscheduled":{}}"#),
    (.approvalReminded, #"{"approvalReminded":{}}"#),
    (.discarded(by: "ada"), #"{"discarded":{"by":"ada"}}"#),
    (.removed, #"{"removed":{}}"#),
  ]

  @Test(arguments: rows)
  func `each event is written and read in the words of format 1`(event: DeliveryEvent, text: String) {
    let record = JournalRecord(
      sequence: 6, synced: 5, time: Invented.start, entry: .event(event, set: Invented.set))
    let line =
      #"{"event":"# + text
      + #","seq":6,"set":"20261124T070512Z-hr-7f3k2m9q","synced":5,"time":"2026-11-24T07:05:12.000000Z"}"#
    #expect(Lines.textWithoutSum(of: record) == line)
    #expect(JournalLine.decode(JournalRecord.self, Lines.summed(line)[...]) == record)
  }

  @Test func `every kind of event is among them`() {
    #expect(Set(Self.rows.map { $0.0.name }).count == 28)
  }

  @Test(arguments: [
    (ServerStep.control, "control"), (.batch, "batch"), (.file, "file"), (.schedule, "schedule"),
  ])
  func `each step has its word`(step: ServerStep, word: String) {
    let reason = Reason("x", step: step)
    #expect(Lines.textWithoutSum(of: reason) == #"{"step":"\#(word)","text":"x"}"#)
    #expect(ServerStep.allCases.count == 4)
  }

  @Test func `a flat claim names each of its files`() {
    var claim = Invented.claim(.flat, name: "control.json")
    claim.control = nil
    #expect(
      Lines.textWithoutSum(of: claim).hasPrefix(#"{"completed":"2026-11-24T07:05:12.000000Z","directory":"#))
    #expect(Lines.textWithoutSum(of: claim).contains(#""form":"flat","items":["#))
  }

  @Test func `inodes and times of 64 bits come back to the last digit`() throws {
    let identity = FileIdentity(
      device: .max, inode: .max - 1, size: .max, modified: .max - 2, changed: .min)
    let line = JournalLine.encode(identity)
    #expect(JournalLine.decode(FileIdentity.self, line.dropLast()) == identity)
  }
}
