import FoundationEssentials
@testable import HaploAPI
import ImportCore
@testable import ImportRuntime
import ImportSystem
import ScriptedServer
import Testing

/// docs/server.md, "Jobs and their pages": the client at pages that are written out here as the server writes them. A mistake that the
/// simulator shares with the client shows here only.
@Suite(.timeLimit(.minutes(2))) final class JobMarkupTests {
  private static let key = "outcome-key-0123456789-abcdefghijklmnopqrst"
  private static let set = SetID("20261124T070512Z-hr-7f3k2m9q")!
  private static let batch = BatchID("Q0pXb1F3c2hVQ2lqT0t2bE9hZ2t4d1ZrR2hQbnB5dGRz")!
  private static let now = Timestamp("2026-11-30T12:00:00Z")!

  /// A server listens as long as somebody has it.
  private var servers: [ScriptedServer] = []

  /// Answers each request on a connection of its own, the last answer over and over.
  private func serve(_ answers: [[ScriptedServer.Action]]) throws -> (ScriptedServer, JobPages) {
    let server = ScriptedServer(answers.map { [.readRequest] + $0 })
    servers.append(server)
    let options = TransferOptions(credentials: .init(user: "haplo", password: Self.key))
    let pages = HTTPPages(url: "http://127.0.0.1:\(server.port)", engine: try TransferEngine(options))
    return (server, JobPages(pages))
  }

  private func page(_ body: String, _ status: String = "200 OK", headers: String = "") -> [ScriptedServer
    .Action]
  {
    [
      .send(
        answer(status, body, type: "text/html; charset=utf-8", headers: "Connection: close\r\n" + headers))
    ]
  }

  private static func row(_ number: Int, _ state: String, _ errors: String, _ comment: String) -> String {
    "<tr><td><a href=\"/do/haplo-data-import-batch/batch/\(number)\">Q0pXb1F3c2...</a></td><td>\(state)</td>"
      + "<td>\(errors)</td><td>30 Nov 2026, 06:27</td><td>\(comment)</td></tr>"
  }

  // MARK: The list

  @Test func `rows have number, first ten characters, state, errors, date and comment`() async throws {
    let states = [
      ("ready", ""), ("uploading", ""), ("scheduled", ""), ("running", ""), ("complete", "12"),
      ("dry-run", "0"), ("error", "0"),
    ]
    let comment = "a &lt;b&gt; &amp; &quot;c&quot; é \(Self.set)"
    let rows = states.enumerated().map { Self.row(20 - $0, $1.0, $1.1, comment) }.joined()
    let (_, pages) = try serve([
      page("<div><p>Batches: \(states.count)</p><table>\(rows)</table></div>")
    ])
    var seen: [BatchListRow] = []
    let isWhole = try await pages.list { row in
      seen.append(row)
      return true
    }
    #expect(isWhole)
    #expect(seen.map(\.number) == [20, 19, 18, 17, 16, 15, 14])
    #expect(seen.map(\.state.rawValue) == states.map(\.0))
    #expect(seen.allSatisfy { $0.comment == "a <b> & \"c\" é \(Self.set)" && $0.isOf(Self.set, Self.batch) })
    #expect(seen.map(\.state.isScheduled) == [false, false, true, true, true, true, true])
    #expect(seen.map(\.state.isFinished) == [false, false, false, false, true, true, true])
  }

  @Test(arguments: [1, 3])
  func `a list with more or fewer rows than it announces is no list`(announced: Int) async throws {
    let rows = Self.row(2, "complete", "0", "x") + Self.row(1, "complete", "0", "x")
    let (_, pages) = try serve([page("<p>Batches: \(announced)</p><table>\(rows)</table>")])
    let failure = await pageFailure { _ = try await pages.list { _ in true } }
    #expect(failure == "unexpected: the list announces \(announced) batches and has 2 rows")
  }

  // MARK: A batch's page

  private static let link = "&nbsp; <a href=\"#import-log\">View import log</a>"
  private static let log = "<h2 id=\"import-log\">Log</h2><pre>START:\n&lt;th&gt;State&lt;/th&gt;\nEND:</pre>"

  private static func batchPage(_ state: String, _ errors: String) -> String {
    "<table><tr><th>Identifier</th><td>\(batch)</td></tr><tr><th>State</th><td>\(state)</td></tr>"
      + "<tr><th>Errors</th><td>\(errors)</td></tr></table>"
  }

  @Test(
    arguments: [
      ("scheduled", "", .import, "scheduled"), ("running", "", .dryRun, "running"),
      ("complete", "0", .import, "imported"), ("complete", "12", .import, "imported-with-errors (12)"),
      ("dry-run", "0", .dryRun, "checked"), ("dry-run", "3", .dryRun, "checked-with-errors (3)"),
      ("error", "0", .import, "failed"), ("error", "0", .dryRun, "failed"),
      ("uploading", "", .import, "unexpected"), ("ready", "", .import, "unexpected"),
    ] as [(String, String, ImportMode, String)])
  func `each state has its outcome, and that of a finished job stands before a link to the log`(
    state: String, errors: String, mode: ImportMode, outcome: String
  ) async throws {
    let isFinished = !errors.isEmpty
    let (_, pages) = try serve([
      page(Self.batchPage(isFinished ? state + Self.link : state, errors) + (isFinished ? Self.log : ""))
    ])
    let answer = try await pages.batch(17)
    do throws(UnexpectedPage) {
      switch try answer.meaning(for: Self.batch, mode, at: Self.now) {
      case .open(let open): #expect(open.rawValue == outcome)
      case .ended(let ended): #expect(ended.text == outcome)
      case .otherBatch: Issue.record("the page is that of the batch")
      }
    } catch {
      #expect(outcome == "unexpected", "\(error)")
    }
  }

  @Test func `an unknown number is a failed validation`() async throws {
    let (server, pages) = try serve([page("Bad request (failed validation)", "400 Bad Request")])
    #expect(await pageFailure { _ = try await pages.batch(17) } == "no such batch")
    #expect(
      server.requests.first?.head.hasPrefix("GET /do/haplo-data-import-batch/batch/17 HTTP/1.1\r\n") == true)
  }

  @Test func `a user without the group and a login page are refusals`() async throws {
    let alert = "<div class=\"z__general_alert\">You are not permitted to perform this action.</div>"
    let (server, pages) = try serve([
      page(alert), page("", "302 Found", headers: "Location: /do/authentication/login\r\n"),
    ])
    #expect(await pageFailure { _ = try await pages.batch(17) }.contains("is not permitted"))
    #expect(await pageFailure { _ = try await pages.list { _ in true } }.contains("(HTTP 302)"))
    #expect(server.requests.count == 2)
  }

  // MARK: Requests

  @Test func `requests have the key with the user haplo, and the cookie s as soon as there is one`()
    async throws
  {
    let cookies = "Set-Cookie: other=1; path=/\r\nSet-Cookie: s=1-5eb63bbb; path=/; HttpOnly; secure\r\n"
    let (server, pages) = try serve([
      page("<p>Batches: 0</p><table></table>"),
      page(Self.batchPage("running", ""), headers: cookies),
      page(Self.batchPage("complete" + Self.link, "0") + Self.log),
    ])
    _ = try await pages.list { _ in true }
    for _ in 0..<2 { _ = try await pages.batch(17) }
    let heads = server.requests.map(\.head)
    let paths = ["batches", "batch/17", "batch/17"].map { "GET /do/haplo-data-import-batch/\($0) HTTP/1.1" }
    #expect(heads.compactMap { $0.split(separator: "\r\n").first.map(String.init) } == paths)
    let credentials = Data("haplo:\(Self.key)".utf8).base64EncodedString()
    #expect(heads.allSatisfy { $0.contains("\r\nAuthorization: Basic \(credentials)\r\n") })
    let sent = heads.map { head in
      head.split(separator: "\r\n").filter { $0.lowercased().hasPrefix("cookie:") }.map(String.init)
    }
    #expect(sent == [[], [], ["Cookie: s=1-5eb63bbb"]])
  }

  @Test(arguments: [true, false])
  func `a page without an end is read no further than a page can be long`(isBatch: Bool) async throws {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>Batches: 1</p><table>"
    let (_, pages) = try serve([[.send(head), .sendForever(1 << 16)]])
    let failure = await pageFailure {
      if isBatch { _ = try await pages.batch(17) } else { _ = try await pages.list { _ in true } }
    }
    #expect(failure == "unexpected: the page has more than \(isBatch ? 256 : 65_536) KiB")
  }
}
