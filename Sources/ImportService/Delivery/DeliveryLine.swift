import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem
import Synchronization

/// The sets of one source on their way: how many are uploaded at once, and whose turn it is to be scheduled.
///
/// `MaxInFlight` sets have a slot, the oldest first. A set that was deferred, or that only waits for its turn, gives
/// its slot back, so that one set in trouble does not keep the others from being uploaded; but no more than twice
/// `MaxInFlight` are begun and not yet uploaded, so that a server that is down is not asked for all that wait. And no
/// more than a few hundred are at work at all: each is a task that takes memory, and what is uploaded further ahead is
/// scheduled no sooner.
///
/// Domain: an actor; its state changes between suspensions only.
actor DeliveryLine {
  let source: SourceName
  private let tools: CourierTools
  private let ending: Ending
  private let launches = Latch()
  /// Sets that are known and not begun, oldest last.
  private(set) var waiting: [SetID] = []
  /// Sets that are begun and may still need a slot.
  private var begun: Set<SetID> = []
  private let slots: UploadSlots
  private let turns: HeadOfQueue
  private var arrivals: [SetID: Int] = [:]
  private var nextArrival = 0
  private var runs: [SetID: CourierRun] = [:]
  let controls = Latch()
  /// Sets about which somebody decides just now.
  var decided: Set<SetID> = []
  let decisions = Latch()

  init(source: SourceName, tools: CourierTools, ending: Ending) {
    self.source = source
    self.ending = ending
    self.tools = tools
    let settings = tools.settings
    slots = UploadSlots { settings.source(source)?.maxInFlight ?? 1 }
    turns = HeadOfQueue { [journal = tools.recorder.journal] in
      journal.head(of: source, settings.source(source)?.order ?? .arrival)
    }
  }

  var journal: Journal { tools.recorder.journal }
  var settings: CurrentSettings { tools.settings }
  var log: any Log { tools.recorder.log }

  /// The courier that brings a set through its life.
  nonisolated func courier(_ set: SetID) -> Courier { Courier(tools: tools, line: self, set: set) }

  /// Adds claimed sets in the order of arrival; one that is there already stays where it is.
  func add(_ sets: [SetID]) {
    let sets = sets.filter { arrivals[$0] == nil }
    for set in sets {
      arrivals[set] = nextArrival
      nextArrival += 1
    }
    waiting.insert(contentsOf: sets.reversed(), at: 0)
    launches.signal()
  }

  /// Delivers what was added and what is added later, until the task is cancelled or the journal fails.
  func run() async throws {
    defer { runs = [:] }  // each refers to this line
    try await withThrowingDiscardingTaskGroup { group in
      while true {
        try Task.checkCancellation()
        let seen = launches.version
        while let set = takeNext() {
          let run = CourierRun(courier(set))
          runs[set] = run
          group.addTask { [ending] in try await ending.watching { try await run.run() } }
        }
        await launches.wait(after: seen)
      }
    }
  }

  /// True if a set is being worked on, or will be as soon as its turn comes: not while sets that were deferred take
  /// all places.
  func mayBegin(_ set: SetID) -> Bool {
    begun.contains(set) || !waiting.contains(set)
      || (begun.count < 2 * mostUploads && (hasRoomForMore || journal.head(of: source, order) == set))
  }

  /// True if a set waits to be begun, and one that has left the queue has not left its place yet: it does so as soon as
  /// its last record is written, and then signals the journal's changes (``left(_:)``).
  var isGivingPlace: Bool {
    guard !waiting.isEmpty else { return false }
    let places = hasRoomForMore ? begun : begun.union(runs.keys)
    return places.contains { journal.delivery($0).map { !$0.isQueued } ?? true }
  }

  private func takeNext() -> SetID? {
    guard begun.count < 2 * mostUploads, let set = hasRoomForMore ? waiting.popLast() : takeWaitingHead()
    else { return nil }
    begun.insert(set)
    return set
  }

  /// Sets of one source that are at work at a time, unless `MaxInFlight=` wants more.
  private static let mostAtWork = 256

  private var hasRoomForMore: Bool { runs.count < max(Self.mostAtWork, 4 * mostUploads) }

  /// The set for whose turn all others wait, if it has not been begun: with `Order=name` it can have come last.
  private func takeWaitingHead() -> SetID? {
    guard let head = journal.head(of: source, order), runs[head] == nil,
      let place = waiting.lastIndex(of: head)
    else { return nil }
    return waiting.remove(at: place)
  }

  private var mostUploads: Int { settings.source(source)?.maxInFlight ?? 1 }

  // MARK: Slots

  /// Waits for a slot; whoever has one keeps it.
  func enterSlot(_ set: SetID) async throws {
    begun.insert(set)
    try await slots.enter(set, arrival: arrivals[set] ?? .max)
  }

  /// Gives the slot back; whoever has none changes nothing.
  nonisolated func leaveSlot(_ set: SetID) { slots.leave(set) }

  // MARK: Turns

  /// Waits until this set is the one of its source that may be scheduled.
  func waitForTurn(_ set: SetID) async throws {
    begun.remove(set)
    launches.signal()
    while true {
      try await waitWhileStopped(set)
      if journal.head(of: source, order) == set { break }
      await turns.wait(for: set)
    }
    try Task.checkCancellation()
  }

  /// A set has left the queue: the next one's turn may have come.
  nonisolated func queueChanged() { turns.changed() }

  private var order: ScheduleOrder { settings.source(source)?.order ?? .arrival }

  // MARK: Ends

  /// Ends what is under way for a set, and forgets that it was begun. A batch in which a file may be half-sent is given up.
  func interrupt(_ set: SetID) async throws {
    if let run = runs[set] {
      await run.stop()
      if journal.delivery(set)?.hasOpenUpload == true {
        try await journal.record(.batchAbandoned(reason: .calledBack), for: set)
      }
    }
    waiting.removeAll { $0 == set }
    left(set)
  }

  /// A set is done with, as far as this program can.
  func left(_ set: SetID) {
    leaveSlot(set)
    begun.remove(set)
    arrivals[set] = nil
    runs[set] = nil
    launches.signal()
    journal.changes.signal()  // who waits for a change looks who may begin now
  }
}

/// Lets a source's sets wait to be the head of its queue, which is the one that may be scheduled. The journal says who that is.
///
/// Domain: guarded by its mutex.
final class HeadOfQueue: Sendable {
  private let seekers = Mutex<[SetID: CheckedContinuation<Void, Never>]>([:])
  private let head: @Sendable () -> SetID?

  init(_ head: @escaping @Sendable () -> SetID?) { self.head = head }

  /// Returns when the set may have become the head, or the task is cancelled: a hint, to be compared with the journal.
  func wait(for set: SetID) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = seekers.withLock { seekers in
          if Task.isCancelled { return true }
          seekers[set] = continuation
          return false
        }
        if isOver { return continuation.resume() }
        // The queue may have moved on between the last look and this place.
        changed()
      }
    } onCancel: {
      resume(set)
    }
  }

  /// The queue has moved on: its head's turn may have come.
  func changed() {
    if let head = head() { resume(head) }
  }

  private func resume(_ set: SetID) { seekers.withLock { $0.removeValue(forKey: set) }?.resume() }
}
