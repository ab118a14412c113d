/// One request, as far as its answer's meaning depends on it.
public enum Question: Hashable, Sendable {
  /// Uploads a control file of this digest.
  case control(SHA256Digest)
  /// Creates a batch from the control file of this digest.
  case batch(control: SHA256Digest)
  /// Uploads the data file of this key and digest into this batch.
  case file(key: String, SHA256Digest, batch: BatchID)
  /// Schedules this batch.
  case schedule(BatchID)

  /// The endpoint that is asked.
  public var step: ServerStep {
    switch self {
    case .control: .control
    case .batch: .batch
    case .file: .file
    case .schedule: .schedule
    }
  }

  /// The digest that the server must return, for the steps that send a file.
  var digest: SHA256Digest? {
    switch self {
    case .control(let digest), .file(_, let digest, _): digest
    case .batch, .schedule: nil
    }
  }

  private var key: String? {
    guard case .file(let key, _, _) = self else { return nil }
    return key
  }

  func reason(_ text: String, remedy: String? = nil, http: Int? = nil) -> Reason {
    Reason(text, remedy: remedy, step: step, key: key, http: http)
  }
}

extension Question {
  /// Says what an exchange means; the one place where answers are interpreted. The order matters: first what the
  /// server itself says about the key, then what each step expects, then everything else.
  public func verdict(on exchange: Exchange) -> Verdict {
    switch exchange {
    case .failed(let text, let sent, _): return unanswered(reason(text), sent: sent, after: nil)
    case .answered(let answer, let sent):
      if let refusal = ServerRefusal.of(answer) {
        let reason = self.reason(refusal.text, remedy: refusal.remedy, http: answer.status)
        return .stop(refusal.stop, reason, batchLost: false)
      }
      return success(answer) ?? badRequest(answer) ?? permanent(answer)
        ?? failure(answer, sent: sent) ?? foreign(answer, sent: sent)
    }
  }

  /// No answer that can be recognised: a file that was sent whole may have been received, or may still be on
  /// its way in, and eight senders on one batch lose files (docs/server.md), so that batch is abandoned.
  /// Everything else can be repeated as it is.
  func unanswered(_ reason: Reason, sent: BodySent, after: Duration?) -> Verdict {
    if case .file = self, sent == .whole { return .newBatch(reason, after: after) }
    return .again(reason, after: after)
  }

  private func success(_ answer: Answer) -> Verdict? {
    guard answer.status == 200, answer.isComplete, answer.mediaType == "text/plain" else { return nil }
    let text = answer.body
    switch self {
    case .control, .file: return digestVerdict(text)
    case .batch: return BatchID(text).map { _ in .done(text: text) }
    case .schedule: return text == "SCHEDULED" ? .done(text: text) : nil
    }
  }

  private func digestVerdict(_ text: String) -> Verdict? {
    guard let returned = SHA256Digest(hex: text) else { return nil }
    guard let digest, returned != digest else { return .done(text: text) }
    let words =
      "the server received other bytes: it returned the digest \(returned), and the file has \(digest)"
    return .wrongDigest(reason(words, http: 200))
  }

  /// Failures of the server or of a proxy in front of it, which may pass, and half an answer.
  private func failure(_ answer: Answer, sent: BodySent) -> Verdict? {
    let failed = reason(answer.summary, http: answer.status)
    if answer.isOwnServerError || answer.isOfLimiter { return .again(failed, after: answer.retryAfter) }
    // 407 is a forward proxy's own word, whole or not: repeating the request as it is never helps.
    let isHalf = !answer.isComplete && answer.status != 407
    guard answer.status >= 500 || answer.status == 408 || isHalf else { return nil }
    return unanswered(failed, sent: sent, after: answer.retryAfter)
  }

  /// Quotes the answer; never a reason to reject the set or to ask for a new key.
  func foreign(_ answer: Answer, sent: BodySent) -> Verdict {
    let isFile = if case .file = self { true } else { false }
    return .foreign(
      ForeignAnswer(
        reason: reason(
          "not an answer of the Haplo server: \(answer.quotation)", remedy: ForeignAnswer.remedy(for: answer),
          http: answer.status),
        after: answer.retryAfter, batchLost: isFile && sent == .whole, isPermanent: answer.status == 431))
  }
}

extension Answer {
  /// The server's own pages for a failure before the request was worked on (docs/server.md, "Other answers").
  var isOwnServerError: Bool {
    status == 500 && isComplete
      && (body.contains("<h1>Internal server error</h1>") || body.contains("<title>Error</title>"))
  }

  /// Too many requests (RFC 6585, 4): who counts requests refuses one before anybody works on it, so no file is received or
  /// on its way in. Were its batch abandoned, a limit of fewer requests than a set needs would keep the set from ever being
  /// scheduled. A 503 proves as much only without a proxy, which may write it over a 502 or 504 of its own.
  public var isOfLimiter: Bool { status == 429 }
}

extension Question {
  /// Recognises the server's own refusals of one request: status 400, plain text, and one of its sentences.
  func badRequest(_ answer: Answer) -> Verdict? {
    guard answer.status == 400, answer.isComplete, answer.mediaType == "text/plain" else { return nil }
    let text = answer.body
    if text == "Bad request (failed validation)" { return ourBug(answer) }
    switch self {
    case .control:
      guard text == "Uploaded file is not JSON" || text.hasPrefix("Invalid control file:") else { return nil }
      return .reject(refused(answer, remedy: "correct the control file, and drop the set again"))
    case .batch(let control): return text == "Control file not found: \(control)" ? .controlMissing : nil
    case .file(_, _, let batch):
      guard text == notFound(batch) || text == notUploading(batch) else { return nil }
      return .batchGone(reason(text, http: 400))
    case .schedule(let batch):
      if text == notUploading(batch) { return .alreadyScheduled }
      return text == notFound(batch) ? .hold(refused(answer, remedy: Self.lostRemedy)) : nil
    }
  }

  /// After an intent nothing is rejected, for the batch may have been scheduled by an earlier call.
  private func ourBug(_ answer: Answer) -> Verdict {
    if case .schedule = self { return .hold(refused(answer, remedy: Self.doubtRemedy)) }
    return .reject(refused(answer, remedy: Self.reportRemedy))
  }

  private func notFound(_ batch: BatchID) -> String { "Batch not found: \(batch)" }

  private func notUploading(_ batch: BatchID) -> String { "Batch \(batch) is not in the 'uploading' state" }

  /// All lines of the answer, since `Invalid control file:` lists its errors below the first.
  private func refused(_ answer: Answer, remedy: String) -> Reason {
    reason(answer.lines, remedy: remedy, http: answer.status)
  }

  /// Recognises what no repetition can correct: a file that is too large for whatever is in front of the server, which
  /// only a file's own request can prove, and the server's own limit, which comes as a 5xx.
  func permanent(_ answer: Answer) -> Verdict? {
    switch (answer.status, self) {
    case (413, .control), (413, .file):
      return .reject(
        reason(
          "the file is larger than the server, or a proxy in front of it, accepts (\(answer.quotation))",
          remedy: "raise the limit there and run 'haplo-importd retry', or drop a smaller set",
          http: answer.status))
    case (500, _) where answer.isComplete && answer.body.contains("Request size limit exceeded"):
      let text = "Request size limit exceeded: a name or comment is over 64 KiB"
      if case .schedule = self { return .hold(reason(text, remedy: Self.doubtRemedy, http: 500)) }
      return .reject(
        reason(
          text,
          remedy: "shorten the key, or Comment= and ControlComment= of the source, and drop the set again",
          http: 500))
    default: return nil
    }
  }

  private static let reportRemedy = "this is a defect of haplo-importd: report it with this text"
  private static let lostRemedy =
    "the server no longer has the batch (was it restored from a backup?): check its list of batch import jobs "
    + "before the set is imported again"
  private static let doubtRemedy =
    "check the server's list of batch import jobs: this batch may have been scheduled"
}
