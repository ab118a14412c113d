/// The result of one history, as text between two processes.
struct Report {
  var seed: UInt64
  var problems: [String] = []
  var simulated: Int64 = 0
  var steps = 0
  var trace = ""
  var marks: Set<Mark> = []
  var hits: Set<String> = []
  var acts = 0
  var script: [String] = []
  var lines: [String] = []

  init(_ seed: UInt64, _ result: Life.Result, _ without: Set<Int>) {
    self.seed = seed
    problems = result.problems
    simulated = result.simulated
    steps = result.steps
    trace = String(result.trace, radix: 16)
    marks = result.marks
    hits = result.hits
    acts = result.plan.acts.count
    script = result.plan.acts.enumerated().filter { !without.contains($0.offset) }.map {
      "\($0.offset) \($0.element)"
    }
    lines = problems.isEmpty ? [] : result.lines.suffix(60)
  }

  /// A history that ended with a signal.
  init(seed: UInt64, signal: Int32) {
    self.init(
      seed: seed,
      problem: signal == 24 || signal == 9 ? "it takes too long" : "the program ended with signal \(signal)")
  }

  /// A history that has no end.
  init(seed: UInt64, problem: String) {
    self.seed = seed
    problems = [problem]
  }

  var encoded: String {
    var text = "\(simulated) \(steps) \(trace) \(acts)\n"
    text +=
      marks.map(\.rawValue).sorted().joined(separator: " ") + "\n" + hits.sorted().joined(separator: " ")
      + "\n"
    for (letter, list) in [("!", problems), ("s", script), ("l", lines)] {
      for line in list { text += letter + line.replacing("\n", with: " ") + "\n" }
    }
    return text
  }

  init(_ seed: UInt64, _ text: String) {
    self.seed = seed
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let figures = lines.first?.split(separator: " ") ?? []
    guard lines.count > 2, figures.count == 4 else {
      problems = ["the history ended without a result"]
      return
    }
    simulated = Int64(figures[0]) ?? 0
    steps = Int(figures[1]) ?? 0
    trace = String(figures[2])
    acts = Int(figures[3]) ?? 0
    marks = Set(lines[1].split(separator: " ").compactMap { Mark(rawValue: String($0)) })
    hits = Set(lines[2].split(separator: " ").map(String.init))
    for line in lines.dropFirst(3) {
      let rest = String(line.dropFirst())
      switch line.first {
      case "!": problems.append(rest)
      case "s": script.append(rest)
      case "l": self.lines.append(rest)
      default: break
      }
    }
  }

  /// One line for a history.
  var summary: String {
    "seed \(seed): \(simulated / 1_000_000_000) simulated seconds, \(steps) steps, trace \(trace)"
      + (problems.isEmpty ? "" : "\n" + problems.map { "  BROKEN: \($0)" }.joined(separator: "\n"))
  }

  /// A history that failed, with its last events and its plan.
  var failure: String {
    "\(summary)\n  last events:\n" + lines.map { "    \($0)" }.joined(separator: "\n") + "\n  plan:\n"
      + script.map { "    \($0)" }.joined(separator: "\n")
  }
}

/// All histories of a run, taken together.
struct Tally {
  var histories = 0
  var failures = 0
  private var simulated: Int64 = 0
  private var steps = 0
  private var marks: [Mark: Int] = [:]
  private var hits: [String: Int] = [:]

  mutating func add(_ report: Report) {
    histories += 1
    if !report.problems.isEmpty { failures += 1 }
    simulated += report.simulated / 1_000_000_000
    steps += report.steps
    for mark in report.marks { marks[mark, default: 0] += 1 }
    for hit in report.hits { hits[hit, default: 0] += 1 }
  }

  /// Branches that a run of 1,000 histories or more must reach.
  private static let required: [Mark] = [
    .killed, .diedAtChange, .powerCut, .terminated, .paused, .retried, .discarded, .approved,
    .rejectedByPerson, .reloaded,
    .keyRotated, .diskFull, .diskFailed, .lostEvents, .clockSet, .journalRestored, .claimed, .deferred, .held,
    .rejected,
    .archived, .withdrawn, .abandoned, .torn, .outdated, .stoppedServer, .resumedServer, .stateOnly,
    .overflow,
    .copied, .flat, .guarded, .foundInList, .compared, .outcomeKeyRotated, .importedAsClean,
    .awaitingWithReason,
    .outcomeGood, .outcomeWithErrors, .outcomeFailed, .outcomeStuck, .outcomeUnknown, .outcomesStopped,
    .outcomesResumed,
  ]

  /// Required branches that were not reached.
  var missing: [Mark] { histories < 1000 ? [] : Self.required.filter { marks[$0] == nil } }

  var text: String {
    let real = max(Double(Stopwatch.milliseconds) / 1000, 0.001)
    let branches = Mark.allCases.map { "\($0.rawValue) \(marks[$0, default: 0])" }.joined(separator: ", ")
    let names = ServerFault.allCases.map { "\($0)" } + JobFault.allCases.map { "\($0)" }
    let faults = names.map { "\($0) \(hits[$0, default: 0])" }.joined(separator: ", ")
    return """
      \(histories) histories, \(failures) failed; \(simulated / 3600) simulated hours, \(Int(Double(simulated) / real)) simulated \
      seconds a second, \(Int(Double(histories) / real)) histories a second, \(steps) steps
      branches: \(branches)
      server: \(faults)
      """ + (missing.isEmpty ? "" : "\nNOT REACHED: \(missing.map(\.rawValue).joined(separator: ", "))")
  }
}
