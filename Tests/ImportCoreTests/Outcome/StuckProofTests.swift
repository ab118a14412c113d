import ImportCore
import Testing

/// The proof in one answer with the server's list that a job will never end.
@Suite struct StuckProofTests {
  /// Number 20; the list had batches up to 22 when it was found.
  private static let job = job(Invented.set, Invented.batch, after: 0, number: 20, newest: 22)
  private static let later = job(Invented.other, Invented.nextBatch, after: 9)

  private static func job(
    _ set: SetID, _ batch: BatchID, after seconds: Int64, number: Int64? = nil, newest: Int64? = nil
  ) -> OpenOutcome {
    var job = OpenOutcome(
      set: set, batch: batch, server: Invented.server, mode: .import,
      scheduled: Invented.start.advanced(by: .seconds(seconds)))
    (job.number, job.newest) = (number, newest)
    return job
  }

  private func row(_ number: Int64, _ state: String, _ job: OpenOutcome? = nil) throws -> BatchListRow {
    let opening = job.map { String($0.batch.text.prefix(10)) } ?? "0000000000"
    return try #require(
      try BatchListRow([
        PageCell(link: "/do/haplo-data-import-batch/batch/\(number)", linkText: "\(opening)..."),
        PageCell(text: state), PageCell(), PageCell(text: "30 Nov 2026, 06:27"),
        PageCell(text: job.map { "hr export \($0.set)" } ?? "by hand"),
      ]))
  }

  /// The number of the later batch, and of the rows that were taken.
  private func search(_ rows: [BatchListRow], among jobs: [OpenOutcome] = [job]) throws -> (
    proof: Int64?, taken: Int
  ) {
    var proof = try #require(StuckProof(Self.job, among: jobs))
    var taken = 0
    for row in rows {
      taken += 1
      if !proof.take(row) { break }
    }
    return (proof.laterBatch, taken)
  }

  @Test(arguments: ["complete", "dry-run", "error"])
  func `an open job behind which another has ended is stuck`(state: String) throws {
    for open in ["scheduled", "running"] {
      let found = try search([
        row(25, "scheduled"), row(24, state), row(23, "complete"), row(21, "complete"),
        row(20, open, Self.job),
        row(19, "complete"),
      ])
      #expect(found.proof == 24 && found.taken == 5)
    }
  }

  @Test(arguments: ["complete", "dry-run", "error", "uploading", "ready"])
  func `a job that is not open in the same list is not`(state: String) throws {
    let found = try search([row(24, "complete"), row(20, state, Self.job), row(19, "complete")])
    #expect(found.proof == nil && found.taken == 2)
  }

  @Test func `nor is one whose row is missing, or that of another batch`() throws {
    let other = Self.job(Invented.set, Invented.nextBatch, after: 0)
    #expect(try search([row(24, "complete"), row(19, "complete")]).proof == nil)
    #expect(try search([row(24, "complete"), row(20, "scheduled", other), row(19, "complete")]).proof == nil)
  }

  @Test func `batches that were there when the job was found prove nothing`() throws {
    let found = try search([
      row(24, "running"), row(22, "complete"), row(21, "error"), row(20, "scheduled", Self.job),
    ])
    #expect(found.proof == nil && found.taken == 4)
  }

  @Test(arguments: [21, 19] as [Int64])
  func `but one of a later set of the source does, whatever its number`(number: Int64) throws {
    let rows = [try row(number, "complete", Self.later), try row(20, "scheduled", Self.job)]
      .sorted { $0.number > $1.number }
    #expect(try search(rows, among: [Self.job, Self.later]).proof == number)
    #expect(try search(rows, among: [Self.job]).proof == nil)
  }

  @Test func `one of an earlier set, or of another source or server, does not`() throws {
    let earlier = Self.job(Invented.other, Invented.nextBatch, after: -9)
    var elsewhere = Self.later
    elsewhere.server = "https://other.example"
    var foreign = Self.later
    foreign.set = try #require(SetID("20261124T070513Z-finance-7f3k2m9q"))
    for other in [earlier, elsewhere, foreign] {
      let rows = [try row(21, "complete", other), try row(20, "scheduled", Self.job)]
      #expect(try search(rows, among: [Self.job, other]).proof == nil)
    }
  }

  @Test func `nor does one that was scheduled before the clock was set back, or found in the list later`()
    throws
  {
    var found = Self.later
    found.isFound = true
    for jobs in [[Self.later, Self.job], [Self.job, found]] {
      let rows = [try row(21, "complete", Self.later), try row(20, "running", Self.job)]
      #expect(try search(rows, among: jobs).proof == nil)
    }
  }

  @Test func `batches far below the job's are not searched`() throws {
    let job = Self.job(Invented.set, Invented.batch, after: 0, number: 520, newest: 522)
    var proof = try #require(StuckProof(job, among: [job, Self.later]))
    #expect(try proof.take(row(520, "running", job)))
    let taken = try (1..<520).reversed().prefix { number in try proof.take(row(number, "complete")) }
    #expect(taken.count == 99 && proof.laterBatch == nil)
  }

  @Test func `a job that was not found in the list has no proof`() {
    #expect(StuckProof(Self.later, among: []) == nil)
  }
}
