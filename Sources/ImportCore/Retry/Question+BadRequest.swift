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
    case .batch(let control):
      return text == "Control file not found: \(control)" ? .controlMissing : nil
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
