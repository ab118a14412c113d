import ImportCore

/// Something in a drop directory that may be, or become, a set: a folder, or the flat set. It belongs to its intake,
/// which alone touches it.
final class Candidate {
  /// What is known of it.
  var subject: Completeness.Subject
  /// True until its folder has been listed since it came, or since events about it were lost.
  var needsListing: Bool
  /// Paths in its folder to which something has happened since the last look.
  var changed: Set<String> = []
  /// Why it is not taken, at the last look.
  var findings: [IntakeFinding] = []
  /// When to look again though nothing was reported.
  var due: MonotonicInstant?
  /// Since when it has been incomplete; nil for what is no set.
  var incompleteSince: MonotonicInstant?
  /// True if it only waits for time to pass, or for a program to close a file.
  var isSettling = false
  /// True once it was reported as incomplete.
  var isReported = false
  /// How long to wait before the kernel is asked again who writes.
  var pause = Candidate.shortestPause
  /// What was offered to the taker and left by it: not offered again as long as it looks the same.
  var declined: [Claim.Item]?
  /// What was last reported as refused.
  var refused: [Claim.Item]?
  /// True if something has happened to it since the last look.
  var isDirty = true

  static let shortestPause = Duration.milliseconds(1)
  static let longestPause = Duration.seconds(1)

  init(_ subject: Completeness.Subject) {
    self.subject = subject
    needsListing = subject.form == .folder
  }

  /// The folder's name; nil for the flat set.
  var folder: String? { subject.form == .folder ? subject.name : nil }

  /// Takes in that something happened: the next looks come in short order again.
  func touch() {
    isDirty = true
    pause = Self.shortestPause
  }

  /// Takes in that something happened to files in its folder.
  func touch(_ paths: Set<String>) {
    changed.formUnion(paths)
    touch()
  }

  /// Takes in that events about it were lost, or may have been.
  func loseTrack() { needsListing = folder != nil }

  /// Takes over what a look found.
  func take(_ look: CandidateLook) {
    subject = look.subject
    needsListing = look.needsListing
  }

  /// Takes in why it waits.
  func wait(_ waiting: IntakeVerdict.Waiting, at now: MonotonicInstant) {
    findings = waiting.findings
    isSettling = waiting.isBusy || waiting.askAgain != nil
    due = waiting.askAgain
    incompleteSince = incompleteSince ?? now
    guard waiting.isBusy else { return }
    due = now.advanced(by: pause)
    pause = min(pause * 4, Self.longestPause)
  }

  /// Takes in that it is nothing that waits.
  func rest(_ findings: [IntakeFinding]) {
    self.findings = findings
    isSettling = false
    due = nil
    incompleteSince = nil
    isReported = false
  }
}
