extension Question {
  /// Reads the server's own refusals of one request, all with status 400 and plain text.
  func badRequest(_ answer: Answer) -> Verdict? {
    guard answer.status == 400, answer.isComplete else { return nil }
    switch self {
    case .control: return controlRefused(answer)
    case .batch(let control): return batchRefused(answer, control)
    case .file(_, _, let batch): return fileRefused(answer, batch)
    case .schedule(let batch): return scheduleRefused(answer, batch)
    }
  }

  private func controlRefused(_ answer: Answer) -> Verdict {
    let isOurBug = answer.body == "Bad request (failed validation)"
    let remedy = isOurBug ? Self.reportRemedy : "correct the control file, and drop the set again"
    return .reject(refused(answer, remedy: remedy))
  }

  private func batchRefused(_ answer: Answer, _ control: SHA256Digest) -> Verdict {
    if answer.body == "Control file not found: \(control)" { return .controlMissing }
    return .reject(refused(answer, remedy: Self.reportRemedy))
  }

  private func fileRefused(_ answer: Answer, _ batch: BatchID) -> Verdict {
    if answer.body == "Batch not found: \(batch)" || answer.body == notUploading(batch) {
      return .batchGone(reason(answer.body, http: 400))
    }
    return .reject(refused(answer, remedy: Self.reportRemedy))
  }

  /// After an intent nothing is rejected, for the batch may have been scheduled by an earlier call.
  private func scheduleRefused(_ answer: Answer, _ batch: BatchID) -> Verdict {
    if answer.body == notUploading(batch) { return .alreadyScheduled }
    if answer.body == "Batch not found: \(batch)" { return .hold(refused(answer, remedy: Self.lostRemedy)) }
    return .hold(refused(answer, remedy: Self.doubtRemedy))
  }

  private func notUploading(_ batch: BatchID) -> String { "Batch \(batch) is not in the 'uploading' state" }

  /// All lines of the answer, since `Invalid control file:` lists its errors below the first.
  private func refused(_ answer: Answer, remedy: String) -> Reason {
    reason(
      answer.mediaType == "text/plain" ? answer.body : answer.summary, remedy: remedy, http: answer.status)
  }

  /// Recognises what no repetition can mend, though some of it comes as a 5xx.
  func permanent(_ answer: Answer) -> Verdict? {
    switch answer.status {
    case 413:
      return unrepeatable(answer, "a file is larger than the server, or a proxy in front of it, accepts")
    case 431: return unrepeatable(answer, "the request's headers are larger than the server accepts")
    case 500 where answer.body.contains("Request size limit exceeded"):
      return unrepeatable(answer, "Request size limit exceeded: a name or comment is over 64 KiB")
    default: return nil
    }
  }

  private func unrepeatable(_ answer: Answer, _ text: String) -> Verdict {
    if case .schedule = self { return .hold(reason(text, remedy: Self.doubtRemedy, http: answer.status)) }
    return .reject(reason(text, remedy: "raise the limit there, or drop a smaller set", http: answer.status))
  }

  private static let reportRemedy = "this should not happen: please report it with this text"
  private static let lostRemedy =
    "the server has lost the batch (was it restored from a backup?): look in its list of batch import jobs "
    + "whether this set was imported before anything is done again"
  private static let doubtRemedy =
    "look in the server's list of batch import jobs whether this batch was scheduled"
}
