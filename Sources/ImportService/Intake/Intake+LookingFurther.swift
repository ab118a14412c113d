import ImportCore
import ImportSystem
import Synchronization

extension Intake {
  /// Finds out what the judge must know.
  func lookFurther(_ need: Need, _ candidate: Candidate) async {
    switch need {
    case .control: await readControl(candidate)
    case .fixedControl: await readFixedControl(candidate)
    case .sums: await readSums(candidate)
    case .digests(let names): await computeDigests(of: names, candidate)
    case .writers(let names): await askForWriters(of: names, candidate)
    }
  }

  private func readControl(_ candidate: Candidate) async {
    let (scan, folder) = (dropScan, candidate.folder)
    keep(await workers.run { scan.readControl(in: folder) }, candidate) { $0.control = $1 }
  }

  private func readFixedControl(_ candidate: Candidate) async {
    guard let path = source.rules.controlFile else { return }
    let scan = dropScan
    candidate.subject.evidence.fixedControl = await workers.run { scan.readFixed(path) }
  }

  private func readSums(_ candidate: Candidate) async {
    let (scan, folder) = (dropScan, candidate.folder)
    keep(await workers.run { scan.readSums(in: folder) }, candidate) { $0.sums = $1 }
  }

  /// Files can be large, and the end of the service must not wait for them.
  private func computeDigests(of names: [String], _ candidate: Candidate) async {
    let (scan, folder, flag) = (dropScan, candidate.folder, CancellationFlag())
    let found = await withTaskCancellationHandler {
      await workers.run { scan.digests(of: names, in: folder, checking: { flag.isRaised }) }
    } onCancel: {
      flag.raise()
    }
    for file in found { keep(file, candidate) { $0.digests[ExactText(file.name)] = $1 } }
  }

  /// A folder is listed anew after that, so that nothing is taken with it that was not judged. Where that fails, the
  /// listing is still wanted, and the next look says what became of the folder.
  private func askForWriters(of names: [String], _ candidate: Candidate) async {
    let (scan, folder, byLease) = (dropScan, candidate.folder, usesLeases)
    let (answers, moving, listing) = await workers.run {
      var parents = DropScan.Parents(scan, folder)
      let answers = scan.writers(of: names, &parents, byLease: byLease)
      let moving = scan.moving(names, &parents)
      return (answers, moving, folder == nil ? nil : try? scan.list(&parents).get())
    }
    for file in answers { keep(file, candidate) { $0.writers[ExactText(file.name)] = $1 } }
    noteLeaseProblem(answers)
    candidate.subject.evidence.moving = moving
    if moving != .allowed { await taker.cannotTake(candidate.subject.name, from: source.name) }
    guard let folder else { return }
    candidate.needsListing = true
    if let listing { _ = takeOver(listing, candidate, folder) }
  }

  private func noteLeaseProblem(_ answers: [DropScan.Found<WriterAnswer>]) {
    guard usesLeases, !isLeaseProblemLogged, let file = answers.first(where: { $0.value == .cannotTell })
    else { return }
    isLeaseProblemLogged = true
    log.write(
      LogEvent(
        .leaseUnavailable,
        "cannot ask who writes to dropped files (no lease; CAP_LEASE is needed for files of others): relying on "
          + "QuietSec alone"
      )
      .with("source", source.name).with("path", file.name))
  }

  /// Takes in what a file was, and files what was found under that state.
  func keep<Value>(
    _ found: DropScan.Found<Value>, _ candidate: Candidate,
    _ store: (inout Evidence, Seen<Value>) -> Void
  ) {
    candidate.subject.index.observe(found.name, found.status, at: time.monotonic)
    guard let status = found.status, let value = found.value else { return }
    store(&candidate.subject.evidence, Seen(status.identity, value))
  }
}

/// Tells work on another thread that its result is not wanted any more.
private final class CancellationFlag: Sendable {
  private let flag = Atomic<Bool>(false)

  var isRaised: Bool { flag.load(ordering: .relaxed) }

  func raise() { flag.store(true, ordering: .relaxed) }
}
