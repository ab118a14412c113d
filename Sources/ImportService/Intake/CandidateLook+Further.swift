import ImportCore
import ImportSystem

extension CandidateLook {
  /// Finds out what the judge must know.
  mutating func lookFurther(_ need: Need, _ visit: inout DropVisit) {
    switch need {
    case .control: keep(visit.readControl()) { $0.control = $1 }
    case .fixedControl: subject.evidence.fixedControl = rules.controlFile.map { visit.readFixed($0) }
    case .sums: keep(visit.readSums()) { $0.sums = $1 }
    case .writers(let names): askForWriters(of: names, &visit)
    case .digests: preconditionFailure("the intake has digests computed")
    }
  }

  /// A folder is listed anew after that, so that nothing is taken with it that was not judged. Where that fails, the
  /// listing is still wanted, and says what became of the folder.
  private mutating func askForWriters(of names: [String], _ visit: inout DropVisit) {
    let answers = visit.writers(of: names, byLease: usesLeases)
    let moving = visit.moving(names)
    let listing = folder == nil ? nil : try? visit.list().get()
    for file in answers { keep(file) { $0.writers[ExactText(file.name)] = $1 } }
    if usesLeases { unasked = unasked ?? answers.first { $0.value == .cannotTell }?.name }
    subject.evidence.moving = moving
    isMoveRefused = isMoveRefused || moving != .allowed
    guard folder != nil else { return }
    needsListing = true
    if let listing { _ = takeOver(listing) }
  }

  /// Takes in what a file was, and files what was found under that state.
  mutating func keep<Value>(
    _ found: DropVisit.Found<Value>, _ store: (inout Evidence, Seen<Value>) -> Void
  ) {
    subject.index.observe(found.name, found.status, at: time.monotonic)
    guard let status = found.status, let value = found.value else { return }
    store(&subject.evidence, Seen(status.identity, value))
  }
}
