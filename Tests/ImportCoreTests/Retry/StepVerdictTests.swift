import ImportCore
import Testing

/// What the four steps expect, and what retrying does (docs/server.md, "The four steps" and "What retrying does").
@Suite struct StepVerdictTests {
  private typealias Kind = Verdicts.Kind

  @Test(arguments: [
    (Verdicts.control, Verdicts.digest.hex), (Verdicts.create, Verdicts.batch.text),
    (Verdicts.file, Verdicts.digest.hex), (Verdicts.schedule, "SCHEDULED"),
  ])
  func `a success has the right form and says what the server said`(question: Question, body: String) {
    #expect(
      question.verdict(on: .answered(Verdicts.text(body), sent: .whole)) == .done(text: body))
  }

  /// Status 200 with anything but the right form: nothing is known, so a file that was sent whole needs a new batch.
  @Test(
    arguments: Verdicts.all,
    [
      "", "OK", "scheduled", "SCHEDULED\n", " SCHEDULED", Verdicts.digest.hex + "\n", "Batch created",
      Verdicts.batch.text + "\n", "<html></html>", "null",
    ])
  func `a 200 of another form is no success`(question: Question, body: String) {
    let expected: Kind = question.step == .file ? .foreignAndNewBatch : .foreign
    #expect(Verdicts.kind(question, Verdicts.text(body)) == expected)
    #expect(Verdicts.kind(question, Verdicts.text(body), .part) == .foreign)
  }

  @Test(arguments: [
    (Verdicts.control, Verdicts.digest.hex), (Verdicts.create, Verdicts.batch.text),
    (Verdicts.file, Verdicts.digest.hex), (Verdicts.schedule, "SCHEDULED"),
  ])
  func `the right words under another type, or cut short, are no success`(question: Question, body: String) {
    let expected: Kind = question.step == .file ? .foreignAndNewBatch : .foreign
    for type in [nil, "application/json", "text/xml"] as [String?] {
      #expect(Verdicts.kind(question, Answer(status: 200, mediaType: type, body: body)) == expected)
    }
    let cut = Answer(status: 200, mediaType: "text/plain", body: body, isComplete: false)
    #expect(Verdicts.kind(question, cut) == (question.step == .file ? .newBatch : .again))
  }

  @Test(arguments: [Verdicts.digest.hex.uppercased(), String(Verdicts.digest.hex.dropLast())])
  func `only 64 lower-case digits are a digest`(body: String) {
    #expect(Verdicts.kind(Verdicts.control, Verdicts.text(body)) == .foreign)
    #expect(Verdicts.kind(Verdicts.file, Verdicts.text(body)) == .foreignAndNewBatch)
  }

  @Test(arguments: [201, 202, 204, 206])
  func `no other status is a success`(status: Int) {
    #expect(Verdicts.kind(Verdicts.schedule, Verdicts.text("SCHEDULED", status)) == .foreign)
    #expect(Verdicts.kind(Verdicts.file, Verdicts.text(Verdicts.digest.hex, status)) == .foreignAndNewBatch)
    #expect(Verdicts.kind(Verdicts.file, Verdicts.text(Verdicts.digest.hex, status), .part) == .foreign)
  }

  @Test(arguments: [Verdicts.control, Verdicts.file], [BodySent.nothing, .part, .whole])
  func `another digest than ours is never a success`(question: Question, sent: BodySent) {
    #expect(Verdicts.kind(question, Verdicts.text(Invented.digest(1).hex), sent) == .wrongDigest)
  }

  @Test(arguments: Verdicts.all, [BodySent.nothing, .part, .whole])
  func `without an answer a step is repeated, and a whole file needs a new batch`(
    question: Question, sent: BodySent
  ) {
    let expected: Kind = question.step == .file && sent == .whole ? .newBatch : .again
    #expect(Verdicts.kind(question.verdict(on: .failed("cannot connect", sent: sent))) == expected)
  }

  @Test func `both answers to a repeated schedule call mean that it is scheduled`() {
    let repeated = Verdicts.text("Batch \(Verdicts.batch) is not in the 'uploading' state", 400)
    #expect(Verdicts.kind(Verdicts.schedule, repeated) == .alreadyScheduled)
    #expect(Verdicts.kind(Verdicts.schedule, Verdicts.text("SCHEDULED")) == .done)
  }

  @Test(arguments: ["Batch not found: \(Verdicts.batch)", "Bad request (failed validation)"])
  func `any other 400 of the server after an intent is for a person`(body: String) {
    #expect(Verdicts.kind(Verdicts.schedule, Verdicts.text(body, 400)) == .hold)
  }

  @Test(arguments: [
    "Batch \(Invented.nextBatch) is not in the 'uploading' state", "Batch not found: \(Invented.nextBatch)",
    "Batch \(Verdicts.batch) is not in the 'uploading' state.", "",
  ])
  func `an answer about another batch proves nothing about this one`(body: String) {
    #expect(Verdicts.kind(Verdicts.schedule, Verdicts.text(body, 400)) == .foreign)
  }

  @Test func `a schedule call is never rejected and never leads to a new batch`() {
    let answers =
      (100...599).flatMap { [Verdicts.text("x", $0), Verdicts.page("x", $0)] } + [Verdicts.json("THROTTLE")]
    for answer in answers {
      for sent in [BodySent.nothing, .part, .whole] {
        switch Verdicts.kind(Verdicts.schedule, answer, sent) {
        case .again, .hold, .stop, .foreign, .foreignForGood: break
        case let other: Issue.record("\(other) on status \(answer.status)")
        }
      }
    }
  }
}
