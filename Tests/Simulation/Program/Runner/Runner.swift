import CSimulation
import Glibc

/// Runs histories, each in a process of its own, so that a trap ends one history only and all begin alike.
struct Runner {
  let options: Options

  init(_ options: Options) { self.options = options }

  func run() {
    Stopwatch.begin()
    // What is made once and then kept is made before the first history, for all of them alike.
    _ = Life.run(seed: 0, hours: 1)
    if options.controls { exit(runControls() ? 0 : 1) }
    if let seed = options.single { exit(runOne(seed) ? 0 : 1) }
    exit(runAll() ? 0 : 1)
  }

  /// Runs one history with everything printed; true if it is as it should be.
  private func runOne(_ seed: UInt64) -> Bool {
    let child = Child(
      seed: seed, hours: options.hours, without: options.without, isPrinting: true, calls: options.calls)
    let report = child.finish()
    say(report.summary)
    return report.problems.isEmpty
  }

  private func runAll() -> Bool {
    var tally = Tally()
    var running: [Child] = []
    var next = options.first
    let end = options.first + UInt64(options.count)
    while next < end || !running.isEmpty {
      while running.count < options.processes, next < end {
        running.append(Child(seed: next, hours: options.hours))
        next += 1
      }
      let child = running.removeFirst()
      let report = child.finish()
      tally.add(report)
      guard !report.problems.isEmpty else { continue }
      say(report.failure)
      if options.minimises { minimise(report) }
    }
    say(tally.text)
    return tally.failures == 0 && tally.missing.isEmpty
  }

  /// Seeds within which each seeded defect must be found.
  private static let mostSeeds: UInt64 = 1000

  /// Runs histories with each seeded defect until the judges find it; true if they find all, and if the histories that failed
  /// can be replayed, as well as a good one.
  private func runControls() -> Bool {
    var isComplete = replays(1, defect: nil)
    for defect in Mutation.allCases {
      let found = firstFailure(with: defect)
      if found == nil { isComplete = false }
      let text =
        found.map { "found in history \($0.seed): \($0.problems.first ?? "")" }
        ?? "NOT FOUND in \(Self.mostSeeds) histories"
      say("\(defect.rawValue): \(text)")
      if let found, !replays(found.seed, defect: defect) { isComplete = false }
    }
    return isComplete
  }

  private static let replays = 10

  /// Runs a history again and again; true if it goes the same way each time, to the same problems.
  private func replays(_ seed: UInt64, defect: Mutation?) -> Bool {
    var running: [Child] = []
    var reports: [Report] = []
    for _ in 0..<Self.replays {
      running.append(Child(seed: seed, hours: options.hours, defect: defect))
      if running.count == options.processes { reports.append(running.removeFirst().finish()) }
    }
    reports += running.map { $0.finish() }
    let ways = Set(reports.map { [$0.trace] + $0.problems })
    if ways.count == 1 { return true }
    say("history \(seed) goes \(ways.count) ways in \(Self.replays) replays: \(ways)")
    return false
  }

  private func firstFailure(with defect: Mutation) -> Report? {
    var running: [Child] = []
    var next: UInt64 = 1
    var found: Report?
    while (next <= Self.mostSeeds && found == nil) || !running.isEmpty {
      while running.count < options.processes, next <= Self.mostSeeds, found == nil {
        running.append(Child(seed: next, hours: options.hours, defect: defect))
        next += 1
      }
      let report = running.removeFirst().finish()
      if !report.problems.isEmpty, found == nil { found = report }
    }
    return found
  }

  /// Leaves out one act after the other as long as the history still fails, and prints what remains.
  private func minimise(_ report: Report) {
    var without: Set<Int> = []
    for number in 0..<report.acts {
      let shorter = Child(
        seed: report.seed, hours: options.hours, without: without.union([number]), isPrinting: false
      ).finish()
      if !shorter.problems.isEmpty { without.insert(number) }
    }
    let last = Child(seed: report.seed, hours: options.hours, without: without).finish()
    say("the shortest script that fails:")
    for line in last.script { say("  \(line)") }
    for problem in last.problems { say("  => \(problem)") }
    let list = without.sorted().map(String.init).joined(separator: ",")
    say(
      "  replay: haplo-simulation --seed \(report.seed) --hours \(options.hours)"
        + (list.isEmpty ? "" : " --without \(list)"))
  }
}
