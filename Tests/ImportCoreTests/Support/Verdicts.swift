import ImportCore

/// The four requests and the kinds of answers that the tables of docs/server.md speak of.
enum Verdicts {
  static let batch = Invented.batch
  static let digest = Invented.digest(0xab)
  static let control = Question.control(digest)
  static let create = Question.batch(control: digest)
  static let file = Question.file(key: "a", digest, batch: batch)
  static let schedule = Question.schedule(batch)
  static let all = [control, create, file, schedule]

  /// What kind of verdict it is, without the words.
  enum Kind: Hashable, Sendable {
    case done, alreadyScheduled, controlMissing, again, newBatch, batchGone, wrongDigest, reject, hold
    case foreign, foreignAndNewBatch, foreignForGood
    case stop(ServerStop)
  }

  static func kind(_ verdict: Verdict) -> Kind {
    switch verdict {
    case .done: .done
    case .alreadyScheduled: .alreadyScheduled
    case .controlMissing: .controlMissing
    case .again: .again
    case .newBatch: .newBatch
    case .batchGone: .batchGone
    case .wrongDigest: .wrongDigest
    case .reject: .reject
    case .hold: .hold
    case .foreign(let answer):
      answer.isPermanent ? .foreignForGood : answer.batchLost ? .foreignAndNewBatch : .foreign
    case .stop(let stop, _, _): .stop(stop)
    }
  }

  static func text(_ body: String, _ status: Int = 200) -> Answer {
    Answer(status: status, mediaType: "text/plain", body: body)
  }

  static func page(_ body: String, _ status: Int) -> Answer {
    Answer(status: status, mediaType: "text/html", body: body)
  }

  static func json(_ kind: String) -> Answer {
    Answer(
      status: 403, mediaType: "application/json",
      body: #"{"success":false,"kind":"\#(kind)","error":{"message":"Invalid API Key"}}"#)
  }

  static func kind(_ question: Question, _ answer: Answer, _ sent: BodySent = .whole) -> Kind {
    kind(question.verdict(on: .answered(answer, sent: sent)))
  }
}
