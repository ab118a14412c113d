import ImportCore

/// Something in a drop directory that may be, or become, a set: a folder, or the flat set. It belongs to its intake,
/// which alone touches it.
final class PendingSet {
  /// What is known of it.
  var snapshot: SetSnapshot
  /// True until its folder has been listed since it came, or since events about it were lost.
  private(set) var needsListing: Bool
  /// Paths in its folder to which something has happened since the last inspection.
  private(set) var changed: Set<ExactText> = []
  /// Why it is not claimed, at the last inspection.
  private(set) var findings: [IntakeFinding] = []
  /// When to inspect it again though nothing was reported.
  private(set) var due: MonotonicInstant?
  /// Its place in the order of arrival, while it waits for its quiet time and nothing else.
  private(set) var arrival: Arrival?
  /// Since when it has been incomplete; nil for what is no set.
  private(set) var incompleteSince: MonotonicInstant?
  /// True if it only waits for time to pass, or for a program to close a file.
  private(set) var isSettling = false
  /// True once it was reported as incomplete.
  var isReported = false
  /// True once it was reported as not accessible.
  var isObstacleReported = false
  /// What was offered for a claim and left in its place: not offered again as long as it looks the same.
  private(set) var declined: [Claim.Item]?
  /// What was last reported as refused.
  var refused: [Claim.Item]?
  /// True if something has happened to it since the last inspection.
  private(set) var isDirty = true
  /// The items whose claim was withdrawn last.
  private var withdrawn: [Claim.Item]?
  /// When they are offered again, and how long they wait the next time.
  private var offer: MonotonicInstant?
  private var offerPause = PendingSet.shortestOfferPause
  /// How long to wait before the kernel is asked again who writes.
  private var pause = PendingSet.shortestPause

  private static let shortestPause = Duration.milliseconds(1)
  private static let longestPause = Duration.seconds(1)
  /// A claim that is withdrawn can have copied large files.
  private static let shortestOfferPause = Duration.seconds(10)
  private static let longestOfferPause = Duration.seconds(300)

  init(_ snapshot: SetSnapshot) {
    self.snapshot = snapshot
    needsListing = snapshot.form == .folder
  }

  /// The folder's name; nil for the flat set.
  var folder: String? { snapshot.form == .folder ? snapshot.name : nil }

  /// Takes in that something happened, to it or to these paths in its folder: the next inspections come in short order again.
  func touch(_ paths: Set<ExactText> = []) {
    changed.formUnion(paths)
    isDirty = true
    pause = Self.shortestPause
  }

  /// Takes in that events about it were lost, or may have been.
  func loseTrack() { needsListing = folder != nil }

  /// Takes in that a scan has seen it: it is inspected again, also if it was left before.
  func rescan() {
    isDirty = true
    declined = nil
    loseTrack()
  }

  /// What the daemon lacks a right to, if anything.
  var obstacleFinding: IntakeFinding? {
    if let own = snapshot.obstacle ?? snapshot.moveObstacle, own.isAccess {
      return own.finding(snapshot.name)
    }
    if let (path, inner) = snapshot.index.obstacles.filter({ $0.value.isAccess }).min(by: { $0.key < $1.key }
    ),
      let folder
    {
      return inner.finding(folder + "/" + path)
    }
    return findings.first(where: \.isAccess)
  }

  func beginInspection(at now: MonotonicInstant) {
    if let moment = offer, moment <= now { (offer, declined) = (nil, nil) }
    isDirty = false
    due = nil
    arrival = nil
    changed = []
  }

  /// Takes over what an inspection found.
  func take(_ inspection: SetInspection) {
    snapshot = inspection.snapshot
    needsListing = inspection.needsListing
  }

  /// Takes in why it waits.
  func wait(_ waiting: IntakeVerdict.Waiting, at now: MonotonicInstant) {
    findings = waiting.findings
    isSettling = waiting.isBusy || waiting.askAgain != nil
    due = waiting.askAgain
    arrival = waiting.arrival
    incompleteSince = incompleteSince ?? now
    guard waiting.isBusy else { return }
    due = now.advanced(by: pause)
    pause = min(pause * 4, Self.longestPause)
  }

  /// Takes in that it is complete and must wait until a set that arrived before it has been inspected again.
  func wait(for other: Arrival, until moment: MonotonicInstant) {
    findings = [
      IntakeFinding(
        snapshot.name, "waits for '\(other.name.text)', which comes before it and is not quiet yet")
    ]
    isSettling = true
    due = moment
  }

  /// Takes in that it has a verdict for which nothing is waited for.
  func settle() { isSettling = false }

  /// Takes in that it is nothing that waits.
  func rest(_ findings: [IntakeFinding]) {
    self.findings = findings
    isSettling = false
    incompleteSince = nil
    isReported = false
  }

  /// Takes in that it cannot be delivered as it is.
  func refuse(_ finding: IntakeFinding) { findings = [finding] }

  /// True if these items are not what was offered before and left; remembers them.
  func isNew(_ items: [Claim.Item]) -> Bool {
    guard declined != items else { return false }
    declined = items
    incompleteSince = nil
    isReported = false
    return true
  }

  /// Takes in that its claim was withdrawn at `now`, because somebody used or changed it just then: the end of that use may change
  /// nothing that could be seen.
  func offerAgain(after now: MonotonicInstant) {
    if withdrawn != declined { offerPause = Self.shortestOfferPause }
    withdrawn = declined
    findings = [
      IntakeFinding(
        snapshot.name,
        "a program used or changed a file at the moment of the claim; the claim is tried again within \(TimeSpan.text(offerPause))"
      )
    ]
    (isSettling, incompleteSince) = (true, incompleteSince ?? now)
    offer = now.advanced(by: offerPause)
    offerPause = min(offerPause * 2, Self.longestOfferPause)
  }

  /// When it is to be reported as incomplete, and rejected.
  func deadlines(_ source: DropSource) -> (warn: MonotonicInstant?, reject: MonotonicInstant?) {
    guard let since = incompleteSince else { return (nil, nil) }
    let warn = isReported ? nil : source.incompleteWarn.map { since.advanced(by: $0) }
    // What somebody still writes to is not rejected, however long it takes.
    let mayReject = !isSettling && declined == nil
    return (warn, mayReject ? source.incompleteReject.map { since.advanced(by: $0) } : nil)
  }

  /// When to inspect it again though nothing was reported.
  func nextInspection(_ source: DropSource) -> MonotonicInstant? {
    let (warn, reject) = deadlines(source)
    return [due, offer, warn, reject].compactMap(\.self).min()
  }
}
