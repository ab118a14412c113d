import ImportCore
import ImportRuntime
import ImportSystem

/// One inspection of a set: lists, reads and asks for as long as the judge wants to know more. It works on a copy of what is
/// known, on the source's thread, and the intake takes over what it found. Digests, which can take long, are left to the intake,
/// which resumes the inspection when they are there.
struct SetInspection: Sendable {
  /// What is known of the set.
  var snapshot: SetSnapshot
  /// True until its folder has been listed.
  var needsListing: Bool
  /// Paths in the folder to which something has happened.
  var changed: Set<ExactText> = []
  let rules: IntakeRules
  let usesLeases: Bool
  let time: any Time

  /// The watches on the folder and the folders in it.
  private(set) var watches = DirectoryScanner.Watches()
  /// A file of which the kernel does not tell who writes to it, though leases should say so.
  private(set) var withoutLease: String?
  /// True if what is complete may not be moved.
  private(set) var isMoveRefused = false
  private var rounds = 0

  /// How an inspection ends.
  enum Ending: Sendable {
    case verdict(IntakeVerdict)
    /// The folder is not there any more.
    case gone
    /// Another folder is in its place, which its own event or the next scan takes in.
    case replaced
    /// The digests of these files must be known first.
    case needsDigests([String])
  }

  /// Takes a set as it is known, and begins to forget what is only true for one inspection.
  init(_ set: PendingSet, rules: IntakeRules, usesLeases: Bool, time: any Time) {
    snapshot = set.snapshot
    // What stood in the way may have been put right.
    let hasObstacle =
      snapshot.obstacle != nil || snapshot.moveObstacle != nil || !snapshot.index.obstacles.isEmpty
    needsListing = set.needsListing || (hasObstacle && set.folder != nil)
    changed = set.changed
    self.rules = rules
    self.usesLeases = usesLeases
    self.time = time
    snapshot.evidence.beginLook()
  }

  var folder: String? { snapshot.form == .folder ? snapshot.name : nil }

  /// A visit to the set, which lies in the drop directory that `own` was seen to be.
  func visit(_ scanner: DirectoryScanner, _ own: EntryStatus) -> SetVisit {
    SetVisit(scanner, own: own, folder: folder, hasFixedControl: rules.controlFile != nil)
  }

  /// Inspects until there is a verdict, or nothing to inspect.
  mutating func run(_ visit: inout SetVisit) -> Ending {
    defer {
      watches.all += visit.watches.all
      watches.problem = watches.problem ?? visit.watches.problem
    }
    observeChanged(&visit)
    while rounds < 16 {
      rounds += 1
      if needsListing, folder != nil, let ending = list(&visit) { return ending }
      switch judge() {
      case .needs(.digests(let names)): return .needsDigests(names)
      case .needs(let need): find(need, &visit)
      case let verdict: return .verdict(verdict)
      }
    }
    let finding = IntakeFinding(snapshot.name, "it changes each time it is examined")
    return .verdict(.waiting(.init(findings: [finding], isBusy: true)))
  }

  /// The verdict where nothing has to be examined for it.
  var verdictAtOnce: IntakeVerdict? {
    if needsListing || !changed.isEmpty { return nil }
    let verdict = judge()
    if case .needs = verdict { return nil }
    return verdict
  }

  private func judge() -> IntakeVerdict {
    Completeness.judge(snapshot, rules: rules, now: time.monotonic, calendar: time.now)
  }

  /// A change of a name changes the directory that has it as well: both are observed now, so that the quiet time counts once.
  /// A directory among the names means that the folder is listed anew.
  private mutating func observeChanged(_ visit: inout SetVisit) {
    defer { changed = [] }
    if needsListing || changed.isEmpty { return }
    var parents: Set<ExactText> = []
    for path in changed.map(\.text) {
      guard !path.isEmpty else {
        parents.insert(ExactText(""))
        continue
      }
      let status = visit.status(of: path)
      let before = snapshot.index[path]?.status.kind
      snapshot.index.observe(path, status, at: time.monotonic)
      if status?.kind == .directory || before == .directory { needsListing = true }
      let parts = path.utf8.split(separator: UInt8(ascii: "/")).dropLast()
      parents.insert(ExactText(parts.map { String(Substring($0)) }.joined(separator: "/")))
    }
    if folder == nil { return }
    for path in parents.map(\.text) {
      guard let status = visit.status(of: path) else { continue }
      if !path.isEmpty {
        snapshot.index.observe(path, status, at: time.monotonic)
      } else if snapshot.folder?.identity.isSameObject(as: status.identity) == true {
        snapshot.folder = status
        snapshot.index.observeOwn(status, at: time.monotonic)
      }
    }
  }

  /// Lists the folder with all that is in it; returns how the inspection ends if that cannot be done.
  private mutating func list(_ visit: inout SetVisit) -> Ending? {
    let result = visit.list()
    observeGrants(&visit)
    switch result {
    case .gone: return .gone
    case .closed(let obstacle):
      snapshot.obstacle = obstacle
      return .verdict(judge())
    case .listed(let listing):
      snapshot.obstacle = nil
      snapshot.moveObstacle = visit.moveObstacle
      return takeOver(listing) ? nil : .replaced
    }
  }

  /// False when another folder is there now.
  private mutating func takeOver(_ listing: DirectoryScanner.Listing) -> Bool {
    let now = time.monotonic
    guard snapshot.folder?.identity.isSameObject(as: listing.own.identity) == true else { return false }
    snapshot.folder = listing.own
    snapshot.index.observeOwn(listing.own, at: now)
    snapshot.index.observe(listing: listing.entries, obstacles: listing.obstacles, at: now)
    needsListing = false
    return true
  }

  /// What the daemon changed itself is no change of the set.
  private mutating func observeGrants(_ visit: inout SetVisit) {
    for (path, before, after) in visit.access.takeGrants() {
      snapshot.index.observeGrant(path, before, after, at: time.monotonic)
      if path == nil, snapshot.folder != nil { snapshot.folder = after }
    }
  }
}

extension SetInspection {
  /// Finds out what the judge must know.
  private mutating func find(_ need: Need, _ visit: inout SetVisit) {
    switch need {
    case .control: keep(visit.readControl(), &visit) { $0.control = $1 }
    case .fixedControl: snapshot.evidence.fixedControl = rules.controlFile.map { visit.readFixed($0) }
    case .sums: keep(visit.readSums(), &visit) { $0.sums = $1 }
    case .writers(let names): askForWriters(of: names, &visit)
    case .digests: preconditionFailure("the intake has digests computed")
    }
  }

  /// A folder is listed anew after that, so that nothing is taken with it that was not judged. Where that fails, the
  /// listing is still wanted, and says what became of the folder.
  private mutating func askForWriters(of names: [String], _ visit: inout SetVisit) {
    let answers = visit.writers(of: names, byLease: usesLeases)
    let moving = visit.moving(names)
    for file in answers { keep(file, &visit) { $0.writers[ExactText(file.name)] = $1 } }
    if usesLeases { withoutLease = withoutLease ?? answers.first { $0.value == .cannotTell }?.name }
    snapshot.evidence.moving = moving
    isMoveRefused = isMoveRefused || moving != .allowed
    guard folder != nil else { return }
    needsListing = true
    if case .listed(let listing) = visit.list() {
      observeGrants(&visit)
      _ = takeOver(listing)
    }
  }

  /// Takes in what a file was, and files what was found under that state.
  mutating func keep<Value>(
    _ found: SetVisit.Found<Value>, _ visit: inout SetVisit, _ store: (inout Evidence, Seen<Value>) -> Void
  ) {
    observeGrants(&visit)
    snapshot.index.observe(found.name, found.status, at: time.monotonic)
    guard let status = found.status, let value = found.value else { return }
    store(&snapshot.evidence, Seen(status.identity, value))
  }
}
