import ImportCore

extension FuzzTarget {
  /// What an answer of the server means. The first bytes choose question, status and header, the rest is the body.
  static let answer = FuzzTarget("answer") { bytes throws(BrokenProperty) in
    guard bytes.count >= 5 else { return }
    let body = Array(bytes[5...])
    let question = question(bytes[0])
    let sent: BodySent = [.nothing, .part, .whole][Int(bytes[1] % 3)]
    let answer = Answer(
      status: status(bytes[2], bytes[3]), mediaType: mediaTypes[Int(bytes[4] % 5)],
      bytes: body, isComplete: bytes[4] & 0x80 == 0,
      retryAfter: bytes[4] & 0x40 == 0 ? nil : .seconds(Int64(bytes[3])))
    let verdict = question.verdict(on: .answered(answer, sent: sent))
    try checkVerdict(verdict, question, answer, sent)
    try require(
      verdict == question.verdict(on: .answered(answer, sent: sent)), "it depends on something else")
    _ = question.verdict(on: .failed(answer.body, sent: sent))
  }

  private static let digest = SHA256Digest(bytes: [UInt8](repeating: 0xab, count: 32))
  private static let mediaTypes: [String?] = [nil, "text/plain", "text/html", "application/json", ""]

  private static func question(_ byte: UInt8) -> Question {
    let batch = BatchID("Q0pXb1F3c2hVQ2lqT0t2bE9hZ2t4d1ZrR2hQbnB5dGRz")!
    return [
      .control(digest), .batch(control: digest), .file(key: "staff", digest, batch: batch), .schedule(batch),
    ][Int(byte % 4)]
  }

  /// The statuses that matter come often.
  private static func status(_ first: UInt8, _ second: UInt8) -> Int {
    let usual = [200, 400, 401, 403, 404, 429, 500, 502, 503, 302]
    return first < 200 ? usual[Int(first) % usual.count] : Int(first) << 8 | Int(second)
  }

  /// An answer counts only if its form is right, and whatever may have been half-done is not repeated.
  private static func checkVerdict(
    _ verdict: Verdict, _ question: Question, _ answer: Answer, _ sent: BodySent
  ) throws(BrokenProperty) {
    switch verdict {
    case .done(let text):
      try require(
        answer.status == 200 && answer.isComplete && answer.mediaType == "text/plain" && text == answer.body,
        "done by an answer of the wrong form")
      try require(isExpected(text, question), "done by an answer that says something else")
    case .alreadyScheduled:
      guard case .schedule = question else {
        throw BrokenProperty(description: "scheduled, but that was not asked")
      }
      try require(answer.status == 400, "scheduled already, with another status than 400")
    case .controlMissing:
      guard case .batch = question else {
        throw BrokenProperty(description: "no control file, but no batch was asked for")
      }
    case .again(let reason, _):
      if case .file = question, sent == .whole {
        try require(answer.isRefusedUnread, "a file that may have been taken is sent again: \(reason)")
      }
    case .wrongDigest:
      try require(answer.status == 200 && answer.body.utf8.count == 64, "a wrong digest that is none")
    case .stop(_, let reason, _):
      try require(reason.remedy != nil, "nothing is sent any more, and nobody is told what to do")
    case .foreign(let foreign):
      try require(foreign.reason.remedy != nil, "an answer of something else, and nobody is told what to do")
      try require(foreign.reason.text.utf8.count < 8000, "an answer is quoted without end")
      if case .file = question, sent == .whole {
        try require(foreign.batchLost, "a file that may have been taken is sent again: \(foreign.reason)")
      }
    case .reject:
      try require(
        [400, 500].contains(answer.status) && answer.isComplete || answer.status == 413,
        "rejected for an answer that is not the server's own")
    case .newBatch, .batchGone, .hold: break
    }
  }

  private static func isExpected(_ text: String, _ question: Question) -> Bool {
    switch question {
    case .control(let digest), .file(_, let digest, _): text == digest.hex
    case .batch: BatchID(text) != nil
    case .schedule: text == "SCHEDULED"
    }
  }
}

extension Answer {
  /// True for answers that are given before anybody has looked at a request.
  fileprivate var isRefusedUnread: Bool {
    status == 429
      || status == 500 && isComplete
        && (body.contains("<h1>Internal server error</h1>") || body.contains("<title>Error</title>"))
  }
}
