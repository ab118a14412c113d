import HaploSimulator
import Testing

/// docs/server.md, "Jobs and their pages": the two pages.
@Suite struct OutcomePageTests {
  private let bench: OutcomeBench
  private var simulator: Simulator { bench.simulator }

  init() throws { bench = try OutcomeBench() }

  @Test func `the list has all batches, newest first, and their number`() throws {
    let batches = try (1...3).map { try bench.newBatch("set+\($0)") }
    let answer = try #require(try simulator.send(.page("batches")))
    #expect(answer.status == 200)
    #expect(answer.headers["content-type"] == "text/html; charset=utf-8")
    #expect(answer.body.contains("<p>Batches: 3</p>"))
    let rows = answer.body.split(separator: "\n").filter { $0.hasPrefix("<tr><td>") }
    #expect(rows.count == 3)
    for (row, number) in zip(rows, [3, 2, 1]) {
      let short = batches[number - 1].prefix(10)
      #expect(
        row.hasPrefix(
          "<tr><td><a href=\"/do/haplo-data-import-batch/batch/\(number)\">\(short)...</a></td><td>uploading</td>"
            + "<td></td><td>"))
      #expect(row.hasSuffix("</td><td>set \(number)</td></tr>"))
    }
  }

  @Test func `an empty server has an empty list`() throws {
    #expect(try simulator.send(.page("batches"))?.body.contains("<p>Batches: 0</p>") == true)
    #expect(try bench.listed() == [])
  }

  @Test func `the date of a row is that of the batch's creation`() throws {
    _ = try bench.newBatch()
    let body = try #require(try simulator.send(.page("batches"))).body
    let pattern = /<td>[0-3][0-9] [A-Z][a-z]{2} 20[0-9]{2}, [0-2][0-9]:[0-5][0-9]<\/td>/
    #expect(try pattern.firstMatch(in: body) != nil)
  }

  @Test func `a comment is complete and escaped on both pages`() throws {
    let comment = "a <b> & \"c\" 'd' é" + String(repeating: "x", count: 300)
    _ = try bench.newBatch(
      "a+%3Cb%3E+%26+%22c%22+'d'+%C3%A9" + String(repeating: "x", count: 300))
    #expect(simulator.record.batches.map(\.comment) == [comment])
    let escaped = "<td>a &lt;b&gt; &amp; &quot;c&quot; 'd' é" + String(repeating: "x", count: 300) + "</td>"
    #expect(try simulator.send(.page("batches"))?.body.contains(escaped) == true)
    #expect(try bench.page(1).contains(escaped))
  }

  @Test func `a batch's page has its identifier, state and errors in rows, and no log before the end`() throws
  {
    let batch = try bench.schedule()
    let page = try bench.page(1)
    #expect(page.contains("<th>Identifier</th><td>\(batch)</td>"))
    #expect(page.contains("<th>State</th><td>running</td>"))
    #expect(page.contains("<th>Errors</th><td></td>"))
    #expect(!page.contains("import-log"))
  }

  @Test func `a finished batch's page has a link to its log, which has start and end`() throws {
    try simulator.add("schedule:complete:errors=2")
    try bench.schedule()
    bench.clock.advance(.seconds(10))
    let page = try bench.page(1)
    #expect(page.contains("<th>State</th><td>complete&nbsp; <a href=\"#import-log\">"))
    #expect(page.contains("<th>Errors</th><td>2</td>"))
    let log = try log(page)
    #expect(log.first?.hasPrefix("START:") == true && log.last?.hasPrefix("END:") == true)
    #expect(log[1].hasPrefix("Record 0: ") && log[2].hasPrefix("Record 1: ") && log.count == 4)
  }

  @Test func `a log has 499 messages at the most, escaped, and the number of errors is exact`() throws {
    try simulator.add("schedule:complete:errors=1200")
    try bench.schedule()
    bench.clock.advance(.seconds(10))
    let page = try bench.page(1)
    #expect(page.contains("<th>Errors</th><td>1200</td>"))
    let log = try log(page)
    #expect(log.filter { $0.hasPrefix("Record ") }.count == 499)
    #expect(log[500].hasPrefix("Too many errors"))
    #expect(log[1].hasSuffix("Ada &lt;ada@example.org&gt; &amp; &quot;Co&quot;"))
  }

  @Test func `an exception is told in the log, and the page says 0 errors`() throws {
    try simulator.add("schedule:exception")
    try bench.schedule()
    bench.clock.advance(.seconds(10))
    let page = try bench.page(1)
    #expect(page.contains("<th>State</th><td>error&nbsp; <a href=\"#import-log\">"))
    #expect(page.contains("<th>Errors</th><td>0</td>"))
    #expect(try log(page)[1].hasPrefix("EXCEPTION: "))
    #expect(try bench.listed() == ["error 0"])
  }

  @Test(arguments: [
    "batch/2", "batch/0", "batch/x", "batch/", "batch", "batch/99999999999999999999", "batch/1/2",
  ])
  func `an unknown number is a failed validation`(path: String) throws {
    _ = try bench.newBatch()
    let answer = try simulator.send(.page(path))
    #expect(answer?.status == 400)
    #expect(answer?.body == "Bad request (failed validation)")
  }

  @Test func `a batch made by hand stands in the list as ready`() throws {
    #expect(try simulator.admin("POST", "batches", "by hand")?.body == "1")
    try bench.schedule()
    #expect(try bench.listed() == ["running ", "ready "])
    #expect(try bench.page(1).contains("<th>State</th><td>ready</td>"))
    #expect(simulator.record.orphans.isEmpty)
  }

  @Test func `after a restore the numbers begin anew, and the old batches are not in the list`() throws {
    try bench.schedule()
    simulator.forgetBatches()
    #expect(try simulator.send(.page("batches"))?.body.contains("<p>Batches: 0</p>") == true)
    let batch = try bench.newBatch()
    #expect(try bench.page(1).contains(batch))
  }

  @Test
  func `after a restore from a backup the older batches are as they were, and numbers go on from there`()
    throws
  {
    for _ in 0..<3 { try bench.schedule() }
    let backup = simulator.backUp()
    try bench.schedule()
    bench.clock.advance(.seconds(60))
    #expect(try bench.listed() == Array(repeating: "complete 0", count: 4))
    simulator.restore(backup)
    // The job that was running is lost, and those behind it run again.
    #expect(try bench.listed() == ["scheduled ", "running ", "running "])
    bench.clock.advance(.seconds(60))
    #expect(try bench.listed() == ["complete 0", "complete 0", "running "])
    let batch = try bench.newBatch()
    #expect(try bench.page(4).contains(batch))
    #expect(simulator.record.batches.map(\.isForgotten) == [false, false, false, true, false])
  }

  @Test func `twenty thousand batches are listed`() throws {
    for number in 0..<20_000 { simulator.makeBatch(comment: "hr export 20261124T070512Z-hr-\(number)") }
    let answer = try #require(try simulator.send(.page("batches")))
    #expect(answer.isWhole)
    #expect(answer.body.contains("<p>Batches: 20000</p>"))
    #expect(answer.body.utf8.count > 3_000_000)
  }

  @Test func `a page is only for reading`() throws {
    #expect(try simulator.send(.page("batches").with { $0.method = "POST" })?.status == 404)
  }

  private func log(_ page: String) throws -> [Substring] {
    let start = try #require(page.firstRange(of: "<h2 id=\"import-log\">Log</h2><pre>"))
    let end = try #require(page.firstRange(of: "</pre>"))
    return page[start.upperBound..<end.lowerBound].split(separator: "\n")
  }
}
