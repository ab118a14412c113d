import ImportService

/// Runs one history to its end and judges it.
struct Life {
  struct Result {
    var problems: [String]
    var simulated: Int64
    var steps: Int
    var trace: UInt64
    var marks: Set<Mark>
    var hits: Set<String>
    var lines: [String]
    var plan: Plan
  }

  /// Simulated hours within which all must come to its end after the last fault.
  static let patience = 80

  static func run(
    seed: UInt64, hours: Int, without dropped: Set<Int> = [], isPrinting: Bool = false, calls: Bool = false
  ) -> Result {
    let world = World(seed: seed, hours: hours)
    world.log.isPrinting = isPrinting
    if calls { machine.onChange = { say("  \($0)") } }
    var plan = Plan(&world.random, world.settings)
    let kept = plan.acts.enumerated().filter { !dropped.contains($0.offset) }.map(\.element)
    let all = plan
    plan.acts = kept
    world.begin(plan)
    let limit = machine.monotonic + plan.end + Int64(patience) * 3_600_000_000_000
    var next = machine.monotonic + plan.end
    var interval: Int64 = 120_000_000_000
    var isSettled = false
    var pause = Scheduler.Pause.time
    while machine.monotonic < limit, world.problems.isEmpty {
      next += interval
      interval = min(interval * 2, 1_800_000_000_000)
      pause = scheduler.run(until: min(next, limit)) { !world.problems.isEmpty }
      if pause == .restless || pause == .nothingToDo { break }
      // Twice, for what happens once more too often.
      let wasSettled = isSettled
      isSettled = Judge.isSettled(world)
      if isSettled, wasSettled { break }
    }
    if machine.overflows > 0 { world.mark(.overflow) }
    if pause == .restless { world.problems.append("the daemon never rests") }
    if world.problems.isEmpty {
      if !Judge.isSettled(world) {
        world.problems.append("not everything has come to its end in \(patience) hours")
      }
      world.problems += Judge(world).problems
      world.problems += OutcomeJudge(world, plan).problems
      world.problems += bounds(world)
    }
    return Result(
      problems: world.problems, simulated: machine.elapsed, steps: scheduler.steps, trace: scheduler.trace,
      marks: world.marks, hits: world.server.hits, lines: world.log.lines, plan: all)
  }

  private static func bounds(_ world: World) -> [String] {
    var problems: [String] = []
    let open = machine.openCount(of: world.life)
    if open > 100 { problems.append("\(open) descriptors are open when nothing is to be done") }
    if scheduler.largestBacklog > 5000 {
      problems.append("\(scheduler.largestBacklog) jobs waited at a time")
    }
    if let problem = world.server.pages.sessionProblem(lives: world.life) { problems.append(problem) }
    return problems
  }
}
