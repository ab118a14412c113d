import HaploAPI
import ImportCore

/// The server's two jobs pages (docs/server.md, "Jobs and their pages"), and what the network does to requests for them.
final class PageModel: @unchecked Sendable {
  private unowned(unsafe) let server: ServerModel
  private var random: Random
  var faults: ActiveFaults<JobFault>
  private(set) var key = "outcome-key-0-abcdefghijklmnopqrstuvwxyz"
  private var keys = 0
  private var cookies: Set<String> = []
  /// Sessions that the program cannot know, as the answer was lost.
  private var lostSessions = 0
  private var refusals = 0
  /// The refused request after which no other may come in this life, until a reload.
  private var refused: (life: Int, key: String)?
  /// Refusals before this time may be lifted by a reload that is under way; a person's own requests may be refused as well.
  private var reloadedUntil: Int64 = 0
  private var isAskedByPerson = false
  /// True while a request is open.
  private(set) var isOpen = false

  init(_ server: ServerModel, _ random: Random) {
    self.server = server
    self.random = random
    faults = ActiveFaults(self.random.branch())
  }

  func rotateKey() {
    keys += 1
    key = "outcome-key-\(keys)-abcdefghijklmnopqrstuvwxyz"
  }

  /// The daemon is told to read its configuration again.
  func noteReload() {
    refused = nil
    isAskedByPerson = false
    reloadedUntil = machine.monotonic + 120_000_000_000
  }

  /// The daemon is dead, and its connections are closed.
  func noteDeath() { isOpen = false }

  /// A person has the list read.
  func notePerson() { isAskedByPerson = true }

  // MARK: Requests

  func send(_ call: SimulatedPages.Call, _ path: String, cookie: String?, life: Int, key: String) {
    if let refused, refused.life == life, refused.key == key, !isAskedByPerson, !server.hasThrottled {
      server.world.problems.append("a page is asked for although the outcome key was refused")
    }
    isOpen = true
    call.onEnd = { [self] in isOpen = false }
    scheduler.after(60_000_000_000, life: life) { call.end(.failed("no answer in time")) }
    if faults.hit(.pageLost) {
      if random.chance(50) {
        scheduler.after(5_000_000, life: life) { call.end(.failed("could not connect")) }
      }
      return
    }
    let latency = Int64(
      faults.hit(.pageLate) ? random.between(1, 90) * 1_000_000_000 : random.between(200_000, 60_000_000))
    scheduler.after(latency) { [self] in
      let answer = answer(path, cookie, key)
      scheduler.after(latency, life: life) { [self] in
        if call.isOver {
          lostSessions += answer.cookies.count
        } else if answer.isRefusal, machine.monotonic > reloadedUntil {
          refused = (life, key)
        }
        call.receive(answer, random.branch())
      }
    }
  }

  /// An answer as it arrives.
  struct Answer {
    var status: Int
    var mediaType: String? = "text/html"
    var body = ""
    var cookies: [String] = []
    var isComplete = true
    var isRefusal = false
  }

  private func answer(_ path: String, _ cookie: String?, _ key: String) -> Answer {
    if faults.hit(.pageUnavailable) { return Answer(status: random.pick([500, 502, 503, 504, 429])) }
    if var refusal = refusal(key) {
      refusals += 1
      if mutation == .refusalHidden { refusal = Answer(status: 503) }
      refusal.isRefusal = true
      return refusal
    }
    if faults.hit(.pageForeign) {
      return random.pick([
        Answer(status: 200, body: "<html><form>Log in</form></html>"),
        Answer(status: 200, mediaType: "application/json", body: "{}"), Answer(status: 404),
        Answer(status: 200, body: Self.page("<ul><li>\(server.jobs.count) imports, COMPLETE</li></ul>")),
      ])
    }
    var answer: Answer
    if path == BatchListRow.listPath {
      answer = Answer(status: 200, body: list)
    } else if let number = Int(path.dropFirst(BatchListRow.pagePath.count)), let page = batch(number) {
      answer = Answer(status: 200, body: page)
    } else {
      return Answer(status: 400, body: "Bad request (failed validation)")
    }
    if !(cookie.map(cookies.contains) ?? false) {
      answer.cookies = ["s=session-\(cookies.count)"]
      cookies.insert(answer.cookies[0])
    }
    if faults.hit(.pageCut) {
      answer.body = String(answer.body.prefix(random.below(answer.body.count)))
      answer.isComplete = random.chance(30)
    }
    return answer
  }

  private func refusal(_ key: String) -> Answer? {
    if server.isThrottled { return Answer(status: 403, body: "Request denied for security reasons") }
    if key != self.key || faults.hit(.pageRefused) {
      server.countFailedKey()
      return Answer(status: random.pick([403, 403, 401, 302]))
    }
    guard faults.hit(.notInGroup) else { return nil }
    let text = "You are not permitted to perform this action."
    return Answer(status: 200, body: Self.page("<div class=\"z__general_alert\">\(text)</div>"))
  }

  // MARK: Pages

  private var list: String {
    let batches = server.batches.sorted { $0.value.number > $1.value.number }
    let rows = batches.map { id, batch in
      let shown = shown(id)
      return
        "<tr><td><a href=\"\(BatchListRow.pagePath)\(batch.number)\">\(id.prefix(10))...</a></td><td>\(shown.state)</td>"
        + "<td>\(shown.errors)</td><td>24 Nov 2026, 07:05</td><td>\(batch.comment)</td></tr>\n"
    }
    return Self.page(
      "<p>Batches: \(batches.count)</p>\n<table>\n<tr><th>Batch</th><th>State</th><th>Errors</th><th>Created</th><th>Comment</th></tr>\n"
        + rows.joined() + "</table>")
  }

  private func batch(_ number: Int) -> String? {
    guard var id = server.batches.first(where: { $0.value.number == number })?.key else { return nil }
    let others = server.jobs.map(\.batch).filter { $0 != id }
    if !others.isEmpty, faults.hit(.pageOfAnother) { id = random.pick(others) }
    var shown = shown(id)
    if mutation == .pageOfAnother, let other = others.last { shown = self.shown(other) }
    let link = shown.errors.isEmpty ? "" : "&nbsp; <a href=\"#import-log\">View import log</a>"
    return Self.page(
      """
      <table>
      <tr><th>Identifier</th><td>\(id)</td></tr>
      <tr><th>State</th><td>\(shown.state)\(link)</td></tr>
      <tr><th>Errors</th><td>\(shown.errors)</td></tr>
      </table>
      <h2 id="import-log">Log</h2><pre>START: State: running &lt;/pre&gt;</pre>
      """)
  }

  private func shown(_ id: String) -> (state: String, errors: String) {
    guard let job = server.job(of: id) else { return (server.batches[id]?.state ?? "uploading", "") }
    if mutation == .endInvented, job.outcome == nil { return (job.mode == nil ? "complete" : "dry-run", "0") }
    if mutation == .errorsHidden, job.errors != nil { return (job.state, "0") }
    return (job.state, job.errors.map { "\($0)" } ?? "")
  }

  private static func page(_ content: String) -> String {
    "<!DOCTYPE html>\n<html><head><title>Batches</title></head>\n<body class=\"z__page\">\n\(content)\n</body></html>\n"
  }

  /// The sessions that were made needlessly; nil if their number is as it should be.
  func sessionProblem(lives: Int) -> String? {
    let most = 2 + lives + refusals + lostSessions
    return cookies.count > most ? "\(cookies.count) sessions were made, of which \(most) are due" : nil
  }
}
