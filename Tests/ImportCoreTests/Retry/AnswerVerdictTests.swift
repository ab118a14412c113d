import ImportCore
import Testing

/// PROTOCOL, "Every other answer", row by row, for every step.
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
      #expect(reason.remedy?.contains("please report it") == true, "\(question.step)")
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
    #expect(Verdicts.kind(Verdicts.create, upper) == .reject)
    #expect(
      Verdicts.kind(Verdicts.file, Verdicts.text("Control file not found: \(Verdicts.digest)", 400))
        == .reject)
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

  @Test(arguments: Verdicts.all)
  func `any other page with status 200 stops the server, and a whole file may have arrived`(
    question: Question
  ) {
    let page = Verdicts.page("<html><h1>Sign in</h1></html>", 200)
    let lost = question.step == .file
    #expect(Verdicts.kind(question, page) == (lost ? .stopAndNewBatch(.notPermitted) : .stop(.notPermitted)))
    #expect(Verdicts.kind(question, page, .part) == .stop(.notPermitted))
  }

  @Test(
    arguments: Verdicts.all,
    [
      (Verdicts.json("INVALID-API-KEY"), .keyRefused), (Verdicts.json("UNAUTHORISED"), .keyRefused),
      (Verdicts.json("THROTTLE"), .throttled), (Verdicts.json("SOMETHING-NEW"), .keyRefused),
      (Verdicts.page("Request denied for security reasons", 403), .keyRefused),
      (Verdicts.text("Unauthorised", 403), .keyRefused),
      (Verdicts.page("", 401), .keyRefused),
    ] as [(Answer, ServerStop)])
  func `a refused key stops the server and says nothing against the set`(
    question: Question, row: (Answer, ServerStop)
  ) {
    for sent in [BodySent.nothing, .part] { #expect(Verdicts.kind(question, row.0, sent) == .stop(row.1)) }
    let lost = question.step == .file && row.0.status != 403
    #expect(Verdicts.kind(question, row.0) == (lost ? .stopAndNewBatch(row.1) : .stop(row.1)))
  }

  @Test(arguments: Verdicts.all, [301, 302, 303, 307, 308, 404, 405, 407, 421])
  func `an address that leads elsewhere stops the server and rejects nothing`(question: Question, status: Int)
  {
    for answer in [Verdicts.page("<html></html>", status), Verdicts.text("Not found", status)] {
      #expect(Verdicts.kind(question, answer, .part) == .stop(.wrongAddress))
      let lost = question.step == .file
      #expect(
        Verdicts.kind(question, answer) == (lost ? .stopAndNewBatch(.wrongAddress) : .stop(.wrongAddress)))
    }
  }

  @Test(arguments: Verdicts.all)
  func `a page with status 400 comes from something else than this API`(question: Question) {
    let page = Verdicts.page("<html><h1>400 Bad Request</h1></html>", 400)
    #expect(Verdicts.kind(question, page, .part) == .stop(.wrongAddress))
  }

  @Test(
    arguments: [
      ("<title>400 No required SSL certificate was sent</title>", "certificate was sent", "ClientKeyFile="),
      ("<p>\n<title>\n400 The SSL\tcertificate  error</title>", "SSL certificate error", "ClientKeyFile="),
      ("<title>400 The plain HTTP request was sent to HTTPS port</title>", "to HTTPS port", "URL="),
      ("<title>\(String(repeating: "x", count: 5000))</title>", String(repeating: "x", count: 100), "URL="),
      ("<title>open", "not the server's own", "URL="), ("<title></title>", "not the server's own", "URL="),
    ])
  func `what a page with status 400 calls itself is told, and what is to be done`(
    body: String, text: String, remedy: String
  ) throws {
    let verdict = Verdicts.create.verdict(on: .answered(Verdicts.page(body, 400), sent: .whole))
    guard case .stop(.wrongAddress, let reason, _) = verdict else {
      return #expect(Bool(false), "\(verdict)")
    }
    #expect(reason.text.hasSuffix(text))
    #expect(try #require(reason.remedy).contains(remedy))
  }

  @Test func `a proxy that wants a password is told where it belongs`() throws {
    let verdict = Verdicts.create.verdict(on: .answered(Verdicts.page("", 407), sent: .whole))
    guard case .stop(.wrongAddress, let reason, _) = verdict else {
      return #expect(Bool(false), "\(verdict)")
    }
    #expect(try #require(reason.remedy).contains("Proxy="))
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
      Verdicts.text("Request size limit exceeded", 500), Verdicts.page("", 431), Verdicts.text("", 431),
      Verdicts.page("too large", 413),
      Verdicts.text("", 413),
    ])
  func `what no repetition can mend is rejected, or held after an intent`(question: Question, answer: Answer)
  {
    #expect(Verdicts.kind(question, answer) == (question.step == .schedule ? .hold : .reject))
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
