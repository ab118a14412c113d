import ImportCore
import Testing

/// What a verdict tells people.
@Suite struct ReasonWordsTests {
  @Test func `a reason names step, key, status and the server's first line`() {
    let answer = Verdicts.text("Service down for backup\nsecond line", 503)
    guard case .newBatch(let reason, _) = Verdicts.file.verdict(on: .answered(answer, sent: .whole)) else {
      Issue.record("another verdict")
      return
    }
    #expect(reason == Reason("Service down for backup", step: .file, key: "a", http: 503))
  }

  @Test(arguments: [
    (502, "Bad gateway (status 502, text/html: <html><h1>down</h1></html>)"),
    (503, "Service unavailable (status 503, text/html: <html><h1>down</h1></html>)"),
    (599, "status 599, text/html: <html><h1>down</h1></html>"),
  ])
  func `a page is quoted after what its status means`(status: Int, words: String) {
    let answer = Verdicts.page("<html><h1>down</h1></html>", status)
    guard case .again(let reason, _) = Verdicts.create.verdict(on: .answered(answer, sent: .whole)) else {
      Issue.record("another verdict")
      return
    }
    #expect(reason.text == words)
  }

  @Test(arguments: Verdicts.all)
  func `every stop, rejection and hold tells what can be done`(question: Question) {
    let answers = [
      Verdicts.page("", 200), Verdicts.json("THROTTLE"), Verdicts.json("INVALID-API-KEY"),
      Verdicts.json("UNAUTHORISED"),
      Verdicts.page("", 403), Verdicts.page("", 404), Verdicts.text("", 413), Verdicts.text("", 431),
      Verdicts.text("x", 400),
    ]
    for answer in answers {
      switch question.verdict(on: .answered(answer, sent: .part)) {
      case .reject(let reason), .hold(let reason), .stop(_, let reason, _):
        #expect(reason.remedy != nil)
        #expect(reason.step == question.step)
        #expect(reason.http == answer.status)
      case .foreign(let foreign):
        #expect(foreign.reason.remedy != nil)
        #expect(foreign.reason.step == question.step)
        #expect(foreign.reason.http == answer.status)
      case let other: Issue.record("\(other) on \(answer.status)")
      }
    }
  }
}
