extension Question {
  /// Says what an exchange means; the one place where answers are interpreted. The order matters: first
  /// what concerns the whole server, then what each step expects, then everything else.
  public func verdict(on exchange: Exchange) -> Verdict {
    switch exchange {
    case .failed(let text, let sent):
      return unanswered(reason(text), sent: sent, after: nil)
    case .answered(let answer, let sent):
      return refusal(answer, sent: sent) ?? success(answer, sent: sent) ?? badRequest(answer)
        ?? permanent(answer) ?? failure(answer, sent: sent)
    }
  }

  /// No answer that can be recognised: a file that was sent whole may have been taken, or may still be on
  /// its way in, and eight senders on one batch lose files (PROTOCOL, 4), so that batch is given up.
  /// Everything else can be repeated as it is.
  func unanswered(_ reason: Reason, sent: BodySent, after: Duration?) -> Verdict {
    if case .file = self, sent == .whole { return .newBatch(reason, after: after) }
    return .again(reason, after: after)
  }

  private func success(_ answer: Answer, sent: BodySent) -> Verdict? {
    guard answer.status == 200 else { return nil }
    guard answer.isComplete, answer.mediaType == "text/plain" else { return malformed(answer, sent: sent) }
    switch self {
    case .control, .file: return digestVerdict(answer, sent: sent)
    case .batch: return BatchID(answer.body) == nil ? malformed(answer, sent: sent) : .done(text: answer.body)
    case .schedule:
      return answer.body == "SCHEDULED" ? .done(text: answer.body) : malformed(answer, sent: sent)
    }
  }

  private func digestVerdict(_ answer: Answer, sent: BodySent) -> Verdict {
    guard let returned = SHA256Digest(hex: answer.body) else { return malformed(answer, sent: sent) }
    guard let digest, returned != digest else { return .done(text: answer.body) }
    let text =
      "the server received other bytes: it returned the digest \(returned), and the file has \(digest)"
    return .wrongDigest(reason(text, http: answer.status))
  }

  private func malformed(_ answer: Answer, sent: BodySent) -> Verdict {
    let text = "not an answer of the batch import API: status \(answer.status), \(answer.summary)"
    return unanswered(reason(text, http: answer.status), sent: sent, after: answer.retryAfter)
  }

  private func failure(_ answer: Answer, sent: BodySent) -> Verdict {
    let failed = reason(answer.summary, http: answer.status)
    if answer.isOwnServerError || answer.isOfLimiter { return .again(failed, after: answer.retryAfter) }
    return unanswered(failed, sent: sent, after: answer.retryAfter)
  }
}

extension Answer {
  /// The server's own pages for a failure before the request was worked on (PROTOCOL, "Every other answer").
  var isOwnServerError: Bool {
    status == 500 && isComplete
      && (body.contains("<h1>Internal server error</h1>") || body.contains("<title>Error</title>"))
  }

  /// Too many requests (RFC 6585, 4): who counts requests refuses one before anybody works on it, so no file is taken or
  /// on its way in. Were its batch given up, a limit of fewer requests than a set needs would keep the set from ever being
  /// scheduled. A 503 proves as much only without a proxy, which may write it over a 502 or 504 of its own.
  var isOfLimiter: Bool { status == 429 }

  /// A few words for people: the body's first line if it is plain text, else what the status means.
  var summary: String {
    let line = body.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    if mediaType == "text/plain", !line.isEmpty { return String(line.prefix(200)) }
    let kind = mediaType.map { ", a body of type \($0)" } ?? ""
    return (Self.phrases[status] ?? "status \(status)") + kind
  }

  private static let phrases: [Int: String] = [
    200: "OK", 400: "Bad request", 408: "Request timeout", 413: "Request body too large",
    429: "Too many requests", 431: "Request header fields too large", 500: "Internal server error",
    502: "Bad gateway", 503: "Service unavailable", 504: "Gateway timeout",
  ]
}
