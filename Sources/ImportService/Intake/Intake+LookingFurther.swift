import ImportCore
import ImportSystem

extension Intake {
  /// Finds out what the judge must know; false when the thing has gone meanwhile.
  func lookFurther(_ need: Need, _ candidate: Candidate) async -> Bool {
    switch need {
    case .control: await readControl(candidate)
    case .fixedControl: await readFixedControl(candidate)
    case .sums: await readSums(candidate)
    case .digests(let names): await computeDigests(of: names, candidate)
    case .writers(let names): return await askForWriters(of: names, candidate)
    }
    return true
  }

  private func readControl(_ candidate: Candidate) async {
    let (scan, folder) = (dropScan, candidate.folder)
    let found = await workers.run {
      let file = scan.read(DropName.control, in: folder, atMost: ControlFile.largest)
      return DropScan.Found(name: file.name, status: file.status, value: file.value.map(Self.control))
    }
    keep(found, candidate) { $0.control = $1 }
  }

  private nonisolated static func control(_ content: Content<[UInt8]>) -> Content<Evidence.Control> {
    switch content {
    case .read(let bytes): .read(Evidence.Control(bytes))
    case .unreadable(let why): .unreadable(why)
    }
  }

  private func readFixedControl(_ candidate: Candidate) async {
    guard let path = source.rules.controlFile else { return }
    let scan = dropScan
    candidate.subject.evidence.fixedControl = await workers.run { Self.control(scan.readFixed(path)) }
  }

  private func readSums(_ candidate: Candidate) async {
    let (scan, folder) = (dropScan, candidate.folder)
    let found = await workers.run {
      let file = scan.read(DropName.sums, in: folder, atMost: ChecksumList.largest)
      return DropScan.Found(name: file.name, status: file.status, value: file.value.map(Self.sums))
    }
    keep(found, candidate) { $0.sums = $1 }
  }

  private nonisolated static func sums(_ content: Content<[UInt8]>) -> Content<ChecksumList> {
    switch content {
    case .read(let bytes): .read(ChecksumList(bytes))
    case .unreadable(let why): .unreadable(why)
    }
  }

  private func computeDigests(of names: [String], _ candidate: Candidate) async {
    let (scan, folder) = (dropScan, candidate.folder)
    for file in await workers.run({ scan.digests(of: names, in: folder) }) {
      keep(file, candidate) { $0.digests[ExactText(file.name)] = $1 }
    }
  }

  /// A folder is listed anew first, so that nothing is taken with it that was not judged.
  private func askForWriters(of names: [String], _ candidate: Candidate) async -> Bool {
    let (scan, folder, byLease) = (dropScan, candidate.folder, usesLeases)
    let answers = await workers.run { scan.writers(of: names, in: folder, byLease: byLease) }
    for file in answers { keep(file, candidate) { $0.writers[ExactText(file.name)] = $1 } }
    noteLeaseProblem(answers)
    guard let folder else { return true }
    candidate.subject.evidence.mayRename = await workers.run { scan.mayMove(folder) }
    candidate.needsListing = true
    return true
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
  private func keep<Value>(
    _ found: DropScan.Found<Value>, _ candidate: Candidate,
    _ store: (inout Evidence, Seen<Value>) -> Void
  ) {
    candidate.subject.index.observe(found.name, found.status, at: time.monotonic)
    guard let status = found.status, let value = found.value else { return }
    store(&candidate.subject.evidence, Seen(status.identity, value))
  }
}
