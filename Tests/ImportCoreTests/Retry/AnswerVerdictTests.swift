import ImportCore
import Testing

/// docs/server.md, "Other answers", row by row, for every step.
@Suite struct AnswerVerdictTests {
  private typealias Kind = Verdicts.Kind

  @Test func `a request that fails validation is our bug, and says so`() {
    for question in [Verdicts.control, Verdicts.create, Verdicts.file] {
      let answer = Verdicts.text("Bad request (failed validation)", 400)
      guard case .reject(let reason) = question.verdict(on: .answered(answer, sent: .whole)) else {
        Issue.record("not rejected: \(question.step)")
        continue
      }
      #expect(reason.text == "Bad request (failed validation)")
      #expect(reason.remedy?.contains("report it") == true, "\(question.step)")
    }
  }

  @Test(arguments: [
    "Uploaded file is not JSON",
    "Invalid control file:\n  Model not implemented: x\n  Unknown reader for file a: y",
  ])
  func `a refused control file is rejected with all of the server's words`(body: String) {
    guard
      case .reject(let reason) = Verdicts.control.verdict(
        on: .answered(Verdicts.text(body, 400), sent: .whole))
    else {
      Issue.record("not rejected")
      return
    }
    #expect(reason.text == body)
    #expect(reason.remedy == "correct the control file, and drop the set again")
    #expect(reason.step == .control)
    #expect(reason.http == 400)
  }

  @Test func `a digest without control file is told from every other refusal of a batch`() {
    #expect(
      Verdicts.kind(Verdicts.create, Verdicts.text("Control file not found: \(Verdicts.digest)", 400))
        == .controlMissing)
    let upper = Verdicts.text("Control file not found: \(Verdicts.digest.hex.uppercased())", 400)
    #expect(Verdicts.kind(Verdicts.create, upper) == .foreign)
    #expect(
      Verdicts.kind(Verdicts.file, Verdicts.text("Control file not found: \(Verdicts.digest)", 400))
        == .foreignAndNewBatch)
  }

  @Test(arguments: [
    "Batch not found: \(Verdicts.batch)", "Batch \(Verdicts.batch) is not in the 'uploading' state",
  ])
  func `a file for a batch that is gone goes into a new one`(body: String) {
    for sent in [BodySent.part, .whole] {
      #expect(Verdicts.kind(Verdicts.file, Verdicts.text(body, 400), sent) == .batchGone)
    }
  }

  @Test(arguments: Verdicts.all)
  func `a page without permission has status 200 and stops the server`(question: Question) {
    let page = Verdicts.page("<p>You are not permitted to perform this action.</p>", 200)
    #expect(Verdicts.kind(question, page) == .stop(.notPermitted))
    var half = page
    half.isComplete = false
    #expect(Verdicts.kind(question, half) == .stop(.notPermitted))
  }

  @Test(
    arguments: Verdicts.all,
    [
      (Verdicts.json("INVALID-API-KEY"), .keyRefused), (Verdicts.json("UNAUTHORISED"), .keyRefused),
      (Verdicts.json("THROTTLE"), .throttled),
      (Verdicts.page("Request denied for security reasons", 403), .keyRefused),
      (Verdicts.text("Unauthorised", 403), .keyRefused),
    ] as [(Answer, ServerStop)])
  func `a refused key stops the server and says nothing against the set`(
    question: Question, row: (Answer, ServerStop)
  ) {
    for sent in [BodySent.nothing, .part, .whole] {
      #expect(Verdicts.kind(question, row.0, sent) == .stop(row.1))
    }
  }

  /// Whoever refuses here, it is not known to be the server: nobody is asked for a new key.
  @Test(
    arguments: Verdicts.all,
    [
      Verdicts.json("SOMETHING-NEW"), Verdicts.text("Request denied for security reasons", 403),
      Verdicts.text("Unauthorized", 403), Verdicts.text("Unauthorised\n", 403), Verdicts.page("", 401),
      Verdicts.page("<html><script>\"INVALID-API-KEY\"</script></html>", 403),
      Answer(status: 403, mediaType: "application/json", body: #"{"message":"INVALID-API-KEY"}"#),
      Answer(status: 403, mediaType: nil, body: ""),
      Answer(status: 200, mediaType: "text/plain", body: "You are not permitted to perform this action."),
      Verdicts.page("<html><h1>Sign in</h1></html>", 200),
    ])
  func `a refusal in other words than the server's says nothing about key or set`(
    question: Question, answer: Answer
  ) throws {
    #expect(Verdicts.kind(question, answer, .part) == .foreign)
    #expect(Verdicts.kind(question, answer) == (question.step == .file ? .foreignAndNewBatch : .foreign))
    guard case .foreign(let foreign) = question.verdict(on: .answered(answer, sent: .part)) else { return }
    #expect(foreign.reason.text.hasPrefix("not an answer of the Haplo server: status \(answer.status)"))
    #expect(try #require(foreign.reason.remedy).contains("key") == false)
  }

  @Test(
    arguments: Verdicts.all,
    [300, 301, 302, 303, 307, 308, 402, 404, 405, 406, 407, 409, 410, 418, 421, 425, 451, 499, 201, 204])
  func `no status by itself rejects a set or stops the server`(question: Question, status: Int) {
    for answer in [
      Verdicts.page("<html></html>", status), Verdicts.text("Not found", status),
      Answer(status: status, mediaType: nil, body: ""),
    ] {
      #expect(Verdicts.kind(question, answer, .part) == .foreign)
      #expect(Verdicts.kind(question, answer) == (question.step == .file ? .foreignAndNewBatch : .foreign))
    }
  }

  @Test(
    arguments: Verdicts.all,
    [
      Verdicts.text("Bad Request", 400), Verdicts.text("", 400),
      Verdicts.page("<h1>400 Bad Request</h1>", 400),
      Answer(
        status: 400, mediaType: "application/json", body: #"{"error":"Bad request (failed validation)"}"#),
      Answer(status: 400, mediaType: nil, body: "Bad request (failed validation)"),
      Answer(status: 400, mediaType: "text/plain", bytes: [0x1f, 0x8b, 8, 0, 0, 0]),
      Verdicts.text("Bad request (failed validation).", 400), Verdicts.text("Not a control file", 400),
      Verdicts.text("Batch not found: \(Invented.nextBatch)", 400),
      Verdicts.text("Control file not found: \(Invented.digest(9))", 400),
    ])
  func `a 400 with any other body than the server's own sentences rejects nothing`(
    question: Question, answer: Answer
  ) {
    #expect(Verdicts.kind(question, answer, .part) == .foreign)
    #expect(Verdicts.kind(question, answer) == (question.step == .file ? .foreignAndNewBatch : .foreign))
  }

  @Test(
    arguments: [
      ("<title>400 No required SSL certificate was sent</title>", "certificate was sent", "ClientKeyFile="),
      ("<p>\n<title>\n400 The SSL\tcertificate  error</title>", "SSL certificate error", "ClientKeyFile="),
      ("<title>400 The plain HTTP request was sent to HTTPS port</title>", "to HTTPS port", "URL="),
      (
        "<title>\(String(repeating: "x", count: 5000))</title>", "'\(String(repeating: "x", count: 100))…'",
        "URL="
      ),
      ("<title>open", "<title>open", "URL="), ("<title></title>", "<title></title>", "URL="),
    ])
  func `a page with status 400 is quoted with its title, and the remedy follows from it`(
    body: String, text: String, remedy: String
  ) throws {
    let verdict = Verdicts.create.verdict(on: .answered(Verdicts.page(body, 400), sent: .whole))
    guard case .foreign(let answer) = verdict else { return #expect(Bool(false), "\(verdict)") }
    #expect(answer.reason.text.contains(text), "\(answer.reason.text)")
    #expect(answer.reason.text.count < 600)
    #expect(try #require(answer.reason.remedy).contains(remedy))
  }

  @Test func `a proxy that wants a password is told where it belongs`() throws {
    let verdict = Verdicts.create.verdict(on: .answered(Verdicts.page("", 407), sent: .whole))
    guard case .foreign(let answer) = verdict else { return #expect(Bool(false), "\(verdict)") }
    #expect(try #require(answer.reason.remedy).contains("Proxy="))
  }

  @Test(arguments: Verdicts.all)
  func `half of a refusal is no refusal`(question: Question) {
    let half = Answer(
      status: 400, mediaType: "text/plain", body: "Batch not found: \(Verdicts.batch)", isComplete: false)
    #expect(Verdicts.kind(question, half) == (question.step == .file ? .newBatch : .again))
  }

  @Test(
    arguments: Verdicts.all,
    [
      Verdicts.page("<html><body><h1>Request size limit exceeded</h1></body></html>", 500),
      Verdicts.text("Request size limit exceeded", 500),
    ])
  func `the server's limit for a text is permanent: rejected, or held after an intent`(
    question: Question, answer: Answer
  ) {
    #expect(Verdicts.kind(question, answer) == (question.step == .schedule ? .hold : .reject))
  }

  @Test(arguments: [BodySent.nothing, .part, .whole], ["text/html", "application/json", nil])
  func `a request that is too large rejects only where it carries a file`(sent: BodySent, type: String?) {
    let answer = Answer(status: 413, mediaType: type, body: "too large")
    for question in [Verdicts.control, Verdicts.file] {
      #expect(Verdicts.kind(question, answer, sent) == .reject)
    }
    for question in [Verdicts.create, Verdicts.schedule] {
      #expect(Verdicts.kind(question, answer, sent) == .foreign)
    }
  }

  /// All requests have the same headers, so this concerns the server unless a probe passes.
  @Test(arguments: Verdicts.all)
  func `headers that are too large are permanent, and never reject`(question: Question) {
    #expect(Verdicts.kind(question, Verdicts.page("", 431)) == .foreignForGood)
    guard case .foreign(let answer) = question.verdict(on: .answered(Verdicts.text("", 431), sent: .whole))
    else { return #expect(Bool(false)) }
    #expect(Verdicts.kind(answer.concerningRequest) == .hold)
    #expect(Verdicts.kind(answer.concerningServer) == .stop(.wrongAddress))
  }

  @Test(
    arguments: Verdicts.all,
    [
      Verdicts.page("<html><body><h1>Internal server error</h1></body></html>", 500),
      Verdicts.page("<html><head><title>Error</title></head><body></body></html>", 500),
    ])
  func `the server's own page for a failure is an answer: the same batch goes on`(
    question: Question, answer: Answer
  ) {
    for sent in [BodySent.nothing, .part, .whole] { #expect(Verdicts.kind(question, answer, sent) == .again) }
  }

  /// Pages of nginx, Apache and others: the request may have been passed on and worked on.
  @Test(
    arguments: Verdicts.all,
    [
      Verdicts.page("<html><head><title>500 Internal Server Error</title></head></html>", 500),
      Verdicts.page("<html><center><h1>502 Bad Gateway</h1></center></html>", 502), Verdicts.text("", 502),
      Verdicts.page("", 503),
      Verdicts.text("upstream request timeout", 504), Verdicts.page("", 408),
      Verdicts.text("", 520), Verdicts.text("", 599),
    ])
  func `a failure of something in between leaves a whole file in doubt`(question: Question, answer: Answer) {
    #expect(Verdicts.kind(question, answer) == (question.step == .file ? .newBatch : .again))
    #expect(Verdicts.kind(question, answer, .part) == .again)
    #expect(Verdicts.kind(question, answer, .nothing) == .again)
  }

  /// Retry-After or not, a page or not: who counts requests does so before anybody works on one.
  @Test(arguments: Verdicts.all, [Verdicts.page("<h1>429</h1>", 429), Verdicts.text("slow down", 429)])
  func `a request that came too fast was not worked on: the same batch goes on`(
    question: Question, answer: Answer
  ) {
    for sent in [BodySent.nothing, .part, .whole] {
      #expect(Verdicts.kind(question, answer, sent) == .again)
      var half = answer
      (half.isComplete, half.retryAfter) = (false, .seconds(5))
      #expect(Verdicts.kind(question, half, sent) == .again)
    }
  }

  /// A maintenance page may stand in for a 502 of the proxy, which says nothing about the file.
  @Test func `a 503 leaves a whole file in doubt, whatever it asks for`() {
    var page = Verdicts.page("<h1>Back soon</h1>", 503)
    page.retryAfter = .seconds(120)
    #expect(Verdicts.kind(Verdicts.file, page) == .newBatch)
  }

  @Test func `half of the server's own page may be anybody's`() {
    var page = Verdicts.page("<html><body><h1>Internal server error</h1>", 500)
    page.isComplete = false
    #expect(Verdicts.kind(Verdicts.file, page) == .newBatch)
  }

  @Test(arguments: Verdicts.all, [429, 500, 502, 503, 504])
  func `what the server asks for is handed on`(question: Question, status: Int) {
    let answer = Answer(status: status, mediaType: "text/html", body: "", retryAfter: .seconds(120))
    switch question.verdict(on: .answered(answer, sent: .whole)) {
    case .again(_, let after), .newBatch(_, let after): #expect(after == .seconds(120))
    case let other: Issue.record("\(other)")
    }
  }
}
