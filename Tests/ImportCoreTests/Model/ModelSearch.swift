@testable import ImportCore

/// Goes through everything that can happen to one set within a number of faults and crashes: every outcome of every
/// request, SIGKILL and power cut before and after every record, late work of the server at every later moment.
///
/// Worlds that were seen are not gone through again, so the search ends; a world that comes back on its own path would
/// mean a loop without end, and is reported too.
struct ModelSearch {
  /// A broken promise.
  enum Violation: Hashable {
    case scheduledTwice, importedOtherBytes, endedWithoutSchedule, rejectedAfterSchedule,
      skippedAfterSchedule, heldWithoutSayingSo
    case importedWithoutCleanDryRun
    case contradiction, noEnd
  }

  /// Everything there is at one moment.
  struct World: Hashable {
    var server = ModelServer()
    var memory: [Int]
    /// What came of the last step and is not recorded yet.
    var pending: [DeliveryEvent] = []
    /// True while the last record is written and the program waits for the disk.
    var isSyncing = false
    var faults: Int
    var crashes: Int
  }

  /// Something that can happen next.
  enum Move: Hashable {
    case request(ModelServer.Fault?), local, retry, record, sync, kill, powerCut(keeping: Int), late(Int)
    /// The dry run's job ends; its page is read, and perhaps not understood; the rule decides.
    case jobEnds(ModelServer.Result), readPage(isUnderstood: Bool), decide
  }

  let client: ModelClient
  /// The first broken promise, and how it comes about.
  private(set) var found: (violation: Violation, path: [Move])?
  /// How many worlds there are.
  private(set) var worlds = 0
  /// How lives end.
  private(set) var ends: [String: Int] = [:]

  private var deliveries: [Delivery] = []
  private var numbers: [Delivery: Int] = [:]
  private var seen: [World: Bool] = [:]  // true while it is on the path
  private var path: [Move] = []

  /// Searches with at most so many faults and crashes, until a promise is broken or all worlds were seen.
  init(
    _ mutation: ModelClient.Mutation? = nil, skip: ModelClient.Skip? = nil, hold: ModelClient.Skip? = nil,
    importsIfClean: Bool = false, faults: Int, crashes: Int
  ) {
    client = ModelClient(mutation: mutation, skip: skip, hold: hold, importsIfClean: importsIfClean)
    let start = Delivery(set: Invented.set, arrival: 1, claim: Invented.claim())
    visit(World(memory: [number(start)], faults: faults, crashes: crashes))
    worlds = seen.count
  }

  private mutating func visit(_ world: World) {
    guard found == nil else { return }
    if let isOnPath = seen[world] { return isOnPath ? report(.noEnd) : () }
    seen[world] = true
    if let violation = violation(world) { return report(violation) }
    let step = deliveries[world.memory[world.memory.count - 1]].next
    for move in moves(world, step) {
      path.append(move)
      do throws(Contradiction) {
        visit(try after(move, world, step))
      } catch {
        report(.contradiction)
      }
      path.removeLast()
    }
    seen[world] = false
  }

  private mutating func report(_ violation: Violation) {
    if found == nil { found = (violation, path) }
  }

  // MARK: What can happen

  private func moves(_ world: World, _ step: DeliveryStep?) -> [Move] {
    var moves = world.server.late.indices.map { Move.late($0) }
    if client.importsIfClean, world.server.hasOpenDryRun {
      moves += ModelServer.Result.allCases.map { .jobEnds($0) }
    }
    if world.isSyncing {
      moves.append(.sync)
    } else if !world.pending.isEmpty {
      moves.append(.record)
    } else if let step {
      let isLocal = client.question(step, last(world)) == nil
      moves.append(isLocal ? .local : .request(nil))
      if world.faults > 0, !isLocal { moves += ModelServer.Fault.allCases.map { .request($0) } }
    } else if client.isRetried(last(world)) {
      moves.append(.retry)
    } else {
      moves += dryRunMoves(world)
      guard CleanImport(deliveries[world.memory[world.memory.count - 1]]) != nil else { return moves }
    }
    guard world.crashes > 0 else { return moves }
    return moves + [.kill] + world.memory.indices.map { .powerCut(keeping: $0 + 1) }
  }

  private func last(_ world: World) -> Delivery { deliveries[world.memory[world.memory.count - 1]] }

  /// What can happen to a set that waits for the result of its dry run.
  private func dryRunMoves(_ world: World) -> [Move] {
    switch CleanImport(last(world)) {
    // A page on which the job has not ended says nothing new.
    case .waits:
      (world.server.hasOpenDryRun ? [] : [.readPage(isUnderstood: true)]) + [.readPage(isUnderstood: false)]
    case .imports: [.decide]
    case .person, nil: []
    }
  }

  private mutating func after(
    _ move: Move, _ world: World, _ step: DeliveryStep?
  ) throws(Contradiction) -> World {
    var next = world
    switch move {
    case .late(let index): next.server.catchUp(index)
    case .local:
      next.pending = step.map { client.local($0, last(world)) } ?? []
      if client.importsIfClean, case .intendSchedule = step {
        next.pending = [client.intent(of: last(world))]
      }
    case .retry: next.pending = [.retried(by: "ada", importAgain: false)]
    case .jobEnds(let result): next.server.end(result)
    case .readPage(let isUnderstood):
      if let batch = last(world).batch {
        next.pending = [client.event(isUnderstood ? world.server.page(of: batch) : nil, of: batch)]
      }
    case .decide: next.pending = [.approvedAsClean(records: 2)]
    case .record:
      let event = next.pending.removeFirst()
      remember(try deliveries[world.memory[world.memory.count - 1]].after(event), in: &next.memory)
      next.isSyncing = client.isBarrier(event)
    case .sync:
      next.memory = [world.memory[world.memory.count - 1]]
      next.isSyncing = false
    case .kill: try restart(&next, keeping: world.memory.count, powerCut: false)
    case .powerCut(let count): try restart(&next, keeping: count, powerCut: true)
    case .request(let fault): ask(fault, step, &next)
    }
    next.server.keep(Set(next.memory.compactMap { deliveries[$0].batch } + next.pending.compactMap(\.batch)))
    return next
  }

  private mutating func restart(_ world: inout World, keeping count: Int, powerCut: Bool)
    throws(Contradiction)
  {
    let left = world.memory.prefix(count).map { deliveries[$0] }
    world.memory = []
    for delivery in try client.restart(left, powerCut: powerCut) { remember(delivery, in: &world.memory) }
    world.pending = []
    world.isSyncing = false
    world.crashes -= 1
  }

  private func ask(_ fault: ModelServer.Fault?, _ step: DeliveryStep?, _ world: inout World) {
    guard let step, let question = client.question(step, last(world)) else { return }
    if fault != nil { world.faults -= 1 }
    let mode: ImportMode = if case .schedule(_, let mode) = step { mode } else { .import }
    let verdict = question.verdict(on: world.server.exchange(question, fault, mode))
    let delivery = deliveries[world.memory[world.memory.count - 1]]
    world.pending = client.events(verdict, for: step, of: delivery)
  }

  /// Adds what the journal says now. To come back to the same state twice is to come back to it once.
  private mutating func remember(_ delivery: Delivery, in memory: inout [Int]) {
    let number = number(delivery)
    if let earlier = memory.dropFirst().firstIndex(of: number) { memory.remove(at: earlier) }
    memory.append(number)
  }

  // MARK: What must hold

  private mutating func violation(_ world: World) -> Violation? {
    if world.server.count(.import) > 1 || world.server.count(.dryRun) > 1 { return .scheduledTwice }
    if client.importsIfClean, world.server.count(.import) > 0, world.server.dryRunResult != .clean {
      return .importedWithoutCleanDryRun
    }
    let isComplete = world.server.schedules.allSatisfy { $0.content == Self.bytes }
    if !isComplete { return .importedOtherBytes }
    let delivery = deliveries[world.memory[world.memory.count - 1]]
    guard delivery.next == nil, !client.isRetried(delivery), dryRunMoves(world).isEmpty,
      world.pending.isEmpty, !world.isSyncing,
      world.server.late.isEmpty
    else {
      return nil
    }
    ends[delivery.stage.name, default: 0] += 1
    return violation(atEnd: delivery, world.server)
  }

  private func violation(atEnd delivery: Delivery, _ server: ModelServer) -> Violation? {
    if let imported = server.imported, imported != Self.bytes { return .importedOtherBytes }
    let isScheduled = server.count(.import) > 0 || server.count(.dryRun) > 0 && delivery.dryRunBatch == nil
    switch delivery.stage {
    case .awaitingApproval: return server.count(.import) > 0 ? .endedWithoutSchedule : nil
    case .finished where delivery.sameAs != nil: return isScheduled ? .skippedAfterSchedule : nil
    case .finished: return isScheduled ? nil : .endedWithoutSchedule
    case .rejected: return isScheduled ? .rejectedAfterSchedule : nil
    default: return isScheduled && delivery.heldInDoubt == nil ? .heldWithoutSayingSo : nil
    }
  }

  /// What was dropped.
  private static let bytes: ModelServer.Content = ["a": 0xaa, "b": 0xbb]

  /// Deliveries by number, without the counts that decide nothing but delays and reports: lives that differ only in
  /// these are gone through once.
  private mutating func number(_ delivery: Delivery) -> Int {
    var delivery = delivery
    (delivery.attempts, delivery.failuresInRow, delivery.orphans) = (1, 0, [])
    delivery.scheduleFailure = nil
    if let number = numbers[delivery] { return number }
    deliveries.append(delivery)
    numbers[delivery] = deliveries.count - 1
    return deliveries.count - 1
  }
}

extension DeliveryEvent {
  /// The batch that the event names.
  fileprivate var batch: BatchID? {
    if case .batchCreated(let batch, _) = self { batch } else { nil }
  }
}
