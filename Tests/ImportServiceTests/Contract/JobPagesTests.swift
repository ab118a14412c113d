@testable import HaploAPI
import HaploSimulator
import ImportCore
@testable import ImportRuntime
@testable import ImportStorage
import ImportSystem
import Synchronization
import Testing

@testable import ImportService

/// docs/server.md, "Jobs and their pages": the client at the two pages, over real connections.
@Suite struct JobPagesTests {
  private static let outcomeKey = "outcome-key-0123456789-abcdefghijklmnopqrst"
  private static let set = SetID("20261124T070512Z-hr-7f3k2m9q")!
  private static let now = Timestamp("2026-11-30T12:00:00Z")!

  private let bench: ContractBench
  private var simulator: Simulator { bench.simulator }

  init() throws {
    bench = try ContractBench { options in
      options.outcomeKeys = [Self.outcomeKey]
      options.jobTime = .seconds(10)
    }
  }

  /// The pages with this key, or none, at this path below the server's root.
  private func pages(_ key: String? = outcomeKey, path: String = "") throws -> JobPages {
    let options = TransferOptions(credentials: key.map { .init(user: "haplo", password: $0) })
    return JobPages(HTTPPages(url: simulator.url + path, engine: try TransferEngine(options)))
  }

  private func schedule(_ mode: ImportMode = .import, comment: String = "hr export \(set)") async throws
    -> BatchID
  {
    let control = try bench.upload(ContractBench.control, name: "control.json")
    _ = try await bench.ask(.control(control, comment: nil))
    let reply = try await bench.ask(.batch(control: control.digest, comment: comment))
    let batch = try #require(reply.answer.flatMap { BatchID($0.body) })
    _ = try await bench.ask(.schedule(batch: batch, mode: mode))
    return batch
  }

  private func rows(_ pages: JobPages) async throws -> (rows: [BatchListRow], isWhole: Bool) {
    var rows: [BatchListRow] = []
    let isWhole = try await pages.list { row in
      rows.append(row)
      return true
    }
    return (rows, isWhole)
  }

  /// The outcome on a batch's page in words.
  private func outcome(_ batch: BatchID, _ mode: ImportMode = .import, number: Int64 = 1) async throws
    -> String
  {
    switch try await pages().batch(number).meaning(for: batch, mode, at: Self.now) {
    case .open(let state): state.rawValue
    case .ended(let outcome): outcome.text
    case .otherBatch: "other batch"
    }
  }

  private func failures(_ pages: JobPages) async -> [String] {
    [
      await pageFailure { _ = try await pages.list { _ in true } },
      await pageFailure { _ = try await pages.batch(1) },
    ]
  }

  // MARK: The list

  @Test func `the list has every batch, newest first, with number, beginning, state and comment`()
    async throws
  {
    let comment = "a <b> & \"c\" 'd' é \(Self.set) " + String(repeating: "x", count: 5000)
    let batches = [try await schedule(), try await schedule(comment: comment), try await schedule(.dryRun)]
    simulator.makeBatch(comment: "by hand")
    bench.advanceServer(.seconds(15))
    let (rows, isWhole) = try await rows(pages())
    #expect(isWhole)
    #expect(rows.map(\.number) == [4, 3, 2, 1])
    #expect(rows.map(\.state) == [.ready, .scheduled, .running, .complete])
    #expect(rows.dropFirst().map(\.opening) == batches.reversed().map { String($0.text.prefix(10)) })
    #expect(rows.map(\.comment) == ["by hand", "hr export \(Self.set)", comment, "hr export \(Self.set)"])
    #expect(rows[2].isOf(Self.set, batches[1]) && !rows[0].isOf(Self.set, batches[1]))
  }

  @Test func `an empty list is read to its end`() async throws {
    #expect(try await rows(pages()).isWhole)
  }

  @Test func `twenty thousand batches are read, and of them no more than is wanted`() async throws {
    for number in 0..<20_000 { simulator.makeBatch(comment: "hr export 20261124T070512Z-hr-\(number)") }
    let (rows, isWhole) = try await rows(pages())
    #expect(isWhole && rows.count == 20_000 && rows.last?.number == 1)
    var few = 0
    let isAll = try await pages().list { _ in
      few += 1
      return few < 3
    }
    #expect(!isAll && few == 3)
  }

  @Test func `a list that breaks off proves nothing`() async throws {
    _ = try await schedule()
    for (fault, word) in [
      ("half", "failed"), ("truncated", "unexpected"), ("drop", "failed"), ("cut", "failed"),
    ] {
      simulator.clearFaults()
      try simulator.add("list-page:\(fault)")
      let failure = await pageFailure { _ = try await rows(pages()) }
      #expect(failure.hasPrefix(word), "\(fault): \(failure)")
    }
  }

  // MARK: A batch's page

  @Test func `states go from uploading to complete, and errors are exact`() async throws {
    try simulator.add("schedule:complete:errors=1200:nth=2")
    let clean = try await schedule()
    let faulty = try await schedule()
    #expect(try await outcome(clean) == "running")
    #expect(try await outcome(faulty, number: 2) == "scheduled")
    bench.advanceServer(.seconds(60))
    #expect(try await outcome(clean) == "imported")
    #expect(try await outcome(faulty, number: 2) == "imported-with-errors (1200)")
    #expect(try await outcome(clean, number: 2) == "other batch")
  }

  @Test func `a dry run ends as such, also one without any record`() async throws {
    try simulator.add("schedule:complete:errors=2:nth=2")
    let batches = [try await schedule(.dryRun), try await schedule(.dryRun)]
    bench.advanceServer(.seconds(60))
    #expect(try await outcome(batches[0], .dryRun) == "checked")
    #expect(try await outcome(batches[1], .dryRun, number: 2) == "checked-with-errors (2)")
  }

  @Test func `an exception ends a job as failed, and the number of errors means nothing`() async throws {
    try simulator.add("schedule:exception")
    let batch = try await schedule()
    bench.advanceServer(.seconds(60))
    #expect(try await outcome(batch) == "failed")
  }

  @Test(arguments: [("stuck", "scheduled"), ("killed", "running"), ("lose-job", "scheduled")])
  func `a job that the server lost stays open while a later one ends`(fault: String, state: String)
    async throws
  {
    try simulator.add("schedule:\(fault):nth=1")
    let batch = try await schedule()
    let later = try await schedule()
    bench.advanceServer(.seconds(60))
    #expect(try await outcome(batch) == state)
    #expect(try await outcome(later, number: 2) == "imported")
  }

  @Test func `behind a dead worker no job ends`() async throws {
    try simulator.add("schedule:dead-worker:nth=1")
    let batches = [try await schedule(), try await schedule()]
    bench.advanceServer(.seconds(6000))
    #expect(try await outcome(batches[0]) == "running")
    #expect(try await outcome(batches[1], number: 2) == "scheduled")
  }

  @Test func `a batch that was not scheduled is unexpected, and says its state`() async throws {
    let batch = try await bench.newBatch()
    let failure = await pageFailure { _ = try await outcome(batch) }
    #expect(failure.contains("'uploading'"), "\(failure)")
  }

  @Test func `an unknown number is no batch`() async throws {
    #expect(await pageFailure { _ = try await pages().batch(7) } == "no such batch")
  }

  @Test func `a page ends before its log, however long that is`() async throws {
    try simulator.add("batch-page:large-log")
    let batch = try await schedule()
    bench.advanceServer(.seconds(60))
    #expect(try await outcome(batch) == "imported")
  }

  // MARK: The log

  @Test func `the log has its beginning, 499 messages with numbers from 0, and its end`() async throws {
    try simulator.add("schedule:complete:errors=1200")
    let batch = try await schedule()
    #expect(try await !pages().log(1, of: batch) { _ in true }, "its job has not ended")
    bench.advanceServer(.seconds(60))
    let text = Mutex<[UInt8]>([])
    try await pages().log(1, of: batch) { piece in
      text.withLock { $0 += piece }
      return true
    }
    let lines = String(decoding: text.withLock { $0 }, as: UTF8.self).split(separator: "\n")
    #expect(lines.first?.hasPrefix("START:") == true && lines.last?.hasPrefix("END:") == true)
    #expect(lines[1].hasPrefix("Record 0: ") && lines[1].hasSuffix("Ada <ada@example.org> & \"Co\""))
    #expect(lines.filter { $0.hasPrefix("Record ") }.count == 499 && lines[500].hasPrefix("Too many errors"))
    let other = try await bench.newBatch()
    #expect(await pageFailure { try await pages().log(1, of: other) { _ in true } } == "no such batch")
  }

  @Test func `an exception is told in the log of a job that failed`() async throws {
    try simulator.add("schedule:exception")
    let batch = try await schedule()
    bench.advanceServer(.seconds(60))
    let text = Mutex<[UInt8]>([])
    let hasLog = try await pages().log(1, of: batch) { piece in
      text.withLock { $0 += piece }
      return true
    }
    let lines = String(decoding: text.withLock { $0 }, as: UTF8.self).split(separator: "\n")
    #expect(hasLog && lines.count == 3 && lines[1].hasPrefix("EXCEPTION: "), "\(lines)")
  }

  @Test func `a log of 15 MB comes whole`() async throws {
    try simulator.add("batch-page:large-log")
    let batch = try await schedule()
    bench.advanceServer(.seconds(60))
    let read = Mutex((size: 0, end: [UInt8]()))
    try await pages().log(1, of: batch) { piece in
      read.withLock { read in
        read.size += piece.count
        read.end = Array((read.end + piece).suffix(5))
      }
      return true
    }
    #expect(read.withLock { $0.size } > 15 << 20)
    #expect(read.withLock { String(decoding: $0.end, as: UTF8.self) } == "\nEND:")
  }

  // MARK: Access

  @Test func `the import key cannot read the pages`() async throws {
    _ = try await schedule()
    #expect(try await failures(pages(ContractBench.key)).allSatisfy { $0.contains("(HTTP 403)") })
  }

  @Test func `the outcome key reads the pages and nothing else`() async throws {
    let client = try bench.client(key: Self.outcomeKey)
    let control = try bench.upload(ContractBench.control, name: "control.json")
    #expect(try await bench.ask(.control(control, comment: nil), client).meaning == .stop(.keyRefused))
    #expect(
      try await bench.ask(.batch(control: control.digest, comment: nil), client).meaning
        == .stop(.keyRefused))
    #expect(simulator.record.batches.isEmpty)
    #expect(try await rows(pages()).isWhole)
  }

  @Test func `without a key there is a redirection, which is not followed`() async throws {
    let failures = try await failures(pages(nil))
    #expect(failures.allSatisfy { $0.contains("was redirected (HTTP 302)") }, "\(failures)")
    #expect(simulator.record.requests(ofPage: .list) == 1 && simulator.record.requests(ofPage: .batch) == 1)
  }

  @Test func `a user without the group is not permitted, though the status is 200`() async throws {
    _ = try await schedule()
    try simulator.add("pages:not-permitted")
    let failures = try await failures(pages())
    #expect(
      failures.allSatisfy { $0.hasPrefix("refused: ") && $0.contains("is not permitted") }, "\(failures)")
  }

  @Test func `failures of this key lock out the import key as well`() async throws {
    for _ in 0..<50 {
      _ = await pageFailure { _ = try await pages("wrong-wrong-wrong-wrong").list { _ in true } }
    }
    #expect(try await bench.ask(.batch(control: .ofNothing, comment: nil)).answer?.status == 403)
  }

  @Test func `the session's cookie is sent back, and a refusal ends the session`() async throws {
    let kept = Mutex<[String?]>([])
    let options = TransferOptions(credentials: .init(user: "haplo", password: Self.outcomeKey))
    let pages = JobPages(
      HTTPPages(url: simulator.url, engine: try TransferEngine(options)), cookie: "s=of-another-server"
    ) { cookie in kept.withLock { $0.append(cookie) } }
    _ = try await schedule()
    _ = try await rows(pages)
    #expect(simulator.record.sessions.made == 0)
    for _ in 0..<5 { _ = try await pages.batch(1) }
    #expect(simulator.record.sessions.made == 1)
    #expect(kept.withLock { $0.count == 1 && $0[0]?.hasPrefix("s=1-") == true })
    try simulator.add("pages:403:nth=1")
    #expect(await pageFailure { _ = try await pages.batch(1) }.hasPrefix("refused"))
    #expect(kept.withLock { $0.count == 2 && $0[1] == nil })
    _ = try await pages.batch(1)
    #expect(simulator.record.sessions.made == 2)
  }

  @Test func `after the server dropped all sessions the client has one new one`() async throws {
    let bench = try ContractBench { options in
      options.outcomeKeys = [Self.outcomeKey]
      options.sessionLimit = 2
    }
    bench.simulator.makeBatch(comment: "by hand")
    func pages() throws -> JobPages {
      let options = TransferOptions(credentials: .init(user: "haplo", password: Self.outcomeKey))
      return JobPages(HTTPPages(url: bench.simulator.url, engine: try TransferEngine(options)))
    }
    let own = try pages()
    _ = try await own.batch(1)
    // Others make too many.
    for _ in 0..<2 { _ = try await pages().batch(1) }
    #expect(bench.simulator.record.sessions.drops == 1)
    for _ in 0..<5 { _ = try await own.batch(1) }
    #expect(bench.simulator.record.sessions.made == 4 && bench.simulator.record.sessions.drops == 1)
  }

  // MARK: Other servers

  @Test(arguments: [
    ("unknown-markup", "unexpected"), ("404", "unexpected"), ("502", "failed"), ("503", "failed"),
    ("fail:status=429", "failed"), ("redirect:location=https://sso.example/login", "refused"),
    ("html", "unexpected"),
  ])
  func `another version, a proxy or single sign-on in front is never taken for a page`(
    fault: String, word: String
  ) async throws {
    _ = try await schedule()
    bench.advanceServer(.seconds(60))
    try simulator.add("pages:\(fault)")
    let list = await pageFailure { _ = try await rows(pages()) }
    #expect(list.hasPrefix(word), "\(list)")
    let batch = await pageFailure { _ = try await outcome(BatchID(simulator.record.batches[0].id)!) }
    #expect(batch.hasPrefix(word) || batch.contains("has no row"), "\(batch)")
  }

  @Test func `a path that leads elsewhere is refused or unexpected`() async throws {
    let failures = try await failures(pages(path: "/elsewhere"))
    #expect(failures.allSatisfy { $0 != "none" && !$0.hasPrefix("failed") }, "\(failures)")
  }
}

/// The reason for which a request brought no page, in words; `none` if it brought one.
func pageFailure(_ body: () async throws -> Void) async -> String {
  do {
    try await body()
    return "none"
  } catch let failure as JobPages.Failure {
    switch failure {
    case .refused(let refusal): return "refused: \(refusal.text)"
    case .noSuchBatch: return "no such batch"
    case .failed(let text): return "failed: \(text)"
    case .unexpected(let page): return "unexpected: \(page)"
    }
  } catch {
    return "\(error)"
  }
}
