import ImportCore
import ImportSystem

/// One look at a candidate: lists, reads and asks for as long as the judge wants to know more. It works on a copy of what is
/// known, on a worker, and the intake takes over what it found; digests alone, which can take long, it leaves to the intake,
/// and goes on when they are there.
struct CandidateLook: Sendable {
  /// What is known of the candidate.
  var subject: Completeness.Subject
  /// True until its folder has been listed.
  var needsListing: Bool
  /// Paths in the folder to which something has happened.
  var changed: Set<String> = []
  let rules: IntakeRules
  let usesLeases: Bool
  let time: any Time

  /// The watches on the folder and the folders in it.
  private(set) var watches = DropScan.Watches()
  /// A file of which the kernel does not tell who writes to it, though leases should say so.
  var unasked: String?
  /// True if what is complete may not be moved.
  var isMoveRefused = false
  private var rounds = 0

  /// How a look ends.
  enum Ending: Sendable {
    case verdict(IntakeVerdict)
    /// The folder is not there any more.
    case gone
    /// Another folder stands in its place, which its own event or the next scan takes in.
    case replaced
    /// The folder cannot be looked at.
    case closed(IntakeFinding)
    /// The digests of these files must be known first.
    case needsDigests([String])
  }

  /// Takes a subject as it is known, and begins to forget what is only true for one look.
  init(
    _ subject: Completeness.Subject, needsListing: Bool, changed: Set<String> = [], rules: IntakeRules,
    usesLeases: Bool, time: any Time
  ) {
    self.subject = subject
    self.needsListing = needsListing
    self.changed = changed
    self.rules = rules
    self.usesLeases = usesLeases
    self.time = time
    self.subject.evidence.beginLook()
  }

  var folder: String? { subject.form == .folder ? subject.name : nil }

  /// Looks until there is a verdict, or nothing to look at.
  mutating func run(_ visit: inout DropVisit) -> Ending {
    defer {
      watches.all += visit.watches.all
      watches.problem = watches.problem ?? visit.watches.problem
    }
    lookAtChanged(&visit)
    while rounds < 16 {
      rounds += 1
      if needsListing, folder != nil, let ending = list(&visit) { return ending }
      switch judge() {
      case .needs(.digests(let names)): return .needsDigests(names)
      case .needs(let need): lookFurther(need, &visit)
      case let verdict: return .verdict(verdict)
      }
    }
    let finding = IntakeFinding(subject.name, "it is changed whenever it is looked at")
    return .verdict(.waiting(.init(findings: [finding], isBusy: true)))
  }

  /// The verdict where nothing has to be looked at for it.
  var verdictAtOnce: IntakeVerdict? {
    if needsListing || !changed.isEmpty { return nil }
    let verdict = judge()
    if case .needs = verdict { return nil }
    return verdict
  }

  private func judge() -> IntakeVerdict {
    Completeness.judge(subject, rules: rules, now: time.monotonic, calendar: time.now)
  }

  /// A directory among what has changed means that the folder is listed anew.
  private mutating func lookAtChanged(_ visit: inout DropVisit) {
    defer { changed = [] }
    if needsListing { return }
    for path in changed {
      let status = visit.status(of: path)
      let before = subject.index[path]?.status.kind
      subject.index.observe(path, status, at: time.monotonic)
      if status?.kind == .directory || before == .directory { needsListing = true }
    }
  }

  /// Lists the folder with all that is in it, and reads its control file at the same go if that was not read yet, since a
  /// verdict needs both; returns how the look ends if that cannot be done.
  private mutating func list(_ visit: inout DropVisit) -> Ending? {
    switch visit.list() {
    case .success(nil): return .gone
    case .failure(let error):
      return .closed(
        IntakeFinding(
          subject.name, error.description, remedy: "let the daemon's user or group read and enter it",
          isFinal: true))
    case .success(let listing?):
      guard takeOver(listing) else { return .replaced }
      let wantsControl = rules.controlFile == nil && subject.evidence.control == nil
      let hasControl = subject.index[DropName.control]?.status.kind == .regular
      if wantsControl && hasControl { lookFurther(.control, &visit) }
      return nil
    }
  }

  /// False when another folder stands there now.
  mutating func takeOver(_ listing: DropScan.Listing) -> Bool {
    let now = time.monotonic
    guard subject.folder?.identity.isSameObject(as: listing.own.identity) == true else { return false }
    subject.folder = listing.own
    subject.index.observeOwn(listing.own, at: now)
    subject.index.observe(listing: listing.entries, strange: listing.strange, at: now)
    needsListing = false
    return true
  }
}
