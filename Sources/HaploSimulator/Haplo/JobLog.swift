/// Writes the log of a job as the server's page shows it.
enum JobLog {
  /// The server logs no more messages than this.
  static let messageLimit = 499
  /// Part of each message: messages quote values of records. It also needs escaping.
  static let quotedValue = "Ada <ada@example.org> & \"Co\""

  /// - Returns: nil for a job that has not ended.
  static func text(of batch: SimulatorRecord.Batch) -> String? {
    guard batch.state.isFinished else { return nil }
    var lines = ["START: \(DateText.short(batch.created))"]
    if batch.state == .error {
      lines.append("EXCEPTION: Error: Bad record in data file: \(quotedValue)")
    } else {
      lines += messages(batch.errors ?? 0)
    }
    return (lines + ["END: \(DateText.short(batch.finished ?? batch.created))"]).joined(separator: "\n")
  }

  /// A log of this size in bytes at the least, which one message fills.
  static func large(_ bytes: Int) -> String {
    let line = "Record 0: value is not valid: \(quotedValue)"
    let lines = Array(repeating: line, count: bytes / (line.utf8.count + 1) + 1)
    return (["START:"] + lines + ["END:"]).joined(separator: "\n")
  }

  private static func messages(_ errors: Int) -> [String] {
    let lines = (0..<min(errors, messageLimit)).map { "Record \($0): value is not valid: \(quotedValue)" }
    return errors > messageLimit ? lines + ["Too many errors, stopped logging"] : lines
  }
}
