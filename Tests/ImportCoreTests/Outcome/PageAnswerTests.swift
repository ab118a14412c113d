import ImportCore
import Testing

/// What the answer to a request for a jobs page means before its content is judged.
@Suite struct PageAnswerTests {
  private func word(_ answer: PageAnswer, isBatch: Bool = true) -> String {
    switch answer.meaning(isBatch: isBatch) {
    case .page: "page"
    case .refused: "refused"
    case .noSuchBatch: "no such batch"
    case .failed: "failed"
    case .unexpected: "unexpected"
    }
  }

  @Test(arguments: [
    (200, "page"), (301, "refused"), (302, "refused"), (401, "refused"), (403, "refused"),
    (400, "no such batch"), (404, "unexpected"), (204, "unexpected"), (418, "unexpected"), (407, "failed"),
    (408, "failed"), (429, "failed"), (500, "failed"), (502, "failed"), (503, "failed"), (999, "failed"),
  ])
  func `every status has one meaning`(status: Int, meaning: String) {
    #expect(word(PageAnswer(status: status, mediaType: "text/html")) == meaning)
  }

  @Test func `only the page of one batch can be missing`() {
    #expect(word(PageAnswer(status: 400, mediaType: "text/html"), isBatch: false) == "unexpected")
  }

  @Test func `a user without the group is refused with status 200`() {
    #expect(word(PageAnswer(status: 200, mediaType: "text/html", isNotPermitted: true)) == "refused")
  }

  @Test func `a page that broke off, or no answer, can pass`() {
    #expect(word(PageAnswer(status: 200, mediaType: "text/html", isComplete: false)) == "failed")
    #expect(word(PageAnswer(status: nil, failure: "host not found")) == "failed")
  }

  @Test func `what is no page of HTML is unexpected`() {
    #expect(word(PageAnswer(status: 200, mediaType: "text/plain")) == "unexpected")
    #expect(word(PageAnswer(status: 200, mediaType: nil)) == "unexpected")
  }
}
