extension Question {
  /// Says what an exchange means; the one place where answers are interpreted. The order matters: first what the
  /// server itself says about the key, then what each step expects, then everything else.
  public func verdict(on exchange: Exchange) -> Verdict {
    switch exchange {
    case .failed(let text, let sent, _):
      return unanswered(reason(text), sent: sent, after: nil)
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
  /// its way in, and eight senders on one batch lose files (PROTOCOL, 4), so that batch is abandoned.
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
  /// The server's own pages for a failure before the request was worked on (PROTOCOL, "Every other answer").
  var isOwnServerError: Bool {
    status == 500 && isComplete
      && (body.contains("<h1>Internal server error</h1>") || body.contains("<title>Error</title>"))
  }

  /// Too many requests (RFC 6585, 4): who counts requests refuses one before anybody works on it, so no file is received or
  /// on its way in. Were its batch abandoned, a limit of fewer requests than a set needs would keep the set from ever being
  /// scheduled. A 503 proves as much only without a proxy, which may write it over a 502 or 504 of its own.
  public var isOfLimiter: Bool { status == 429 }
}
