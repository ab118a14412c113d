import ImportCore
import Synchronization
import Testing

@testable import ImportService

@Suite struct UploadSlotsTests {
  private static let sets = (2...5).map { SetID("20261130T08000\($0)Z-hr-aaaaaaa\($0)")! }

  /// Notes who has a slot, in order.
  private final class Notes: Sendable {
    private let entered = Mutex<[SetID]>([])
    var all: [SetID] { entered.withLock { $0 } }
    func add(_ set: SetID) { entered.withLock { $0.append(set) } }
  }

  private func seek(_ slots: UploadSlots, _ set: SetID, _ arrival: Int, _ notes: Notes) -> Task<
    Void, any Error
  > {
    Task.immediate {
      try await slots.enter(set, arrival: arrival)
      notes.add(set)
    }
  }

  @Test func `a free slot goes to the set that arrived first, whoever asked first`() async throws {
    let (slots, notes, sets) = (UploadSlots { 1 }, Notes(), Self.sets)
    try await slots.enter(sets[0], arrival: 0)
    let seekers = [3, 1, 2].map { seek(slots, sets[$0], $0, notes) }
    for place in 0...2 {
      #expect(notes.all == Array(sets[1...].prefix(place)))
      slots.leave(sets[place])
      try await seekers[[1, 2, 0][place]].value
    }
    #expect(notes.all == Array(sets[1...]))
  }

  @Test func `a set keeps its slot, and gives back one that it does not have`() async throws {
    let (slots, notes, sets) = (UploadSlots { 1 }, Notes(), Self.sets)
    try await slots.enter(sets[0], arrival: 0)
    try await slots.enter(sets[0], arrival: 0)
    let seeker = seek(slots, sets[1], 1, notes)
    slots.leave(sets[2])
    #expect(notes.all.isEmpty)
    slots.leave(sets[0])
    try await seeker.value
  }

  @Test func `whoever is cancelled takes no slot from those who wait`() async throws {
    let (slots, notes, sets) = (UploadSlots { 1 }, Notes(), Self.sets)
    try await slots.enter(sets[0], arrival: 0)
    let cancelled = seek(slots, sets[1], 1, notes)
    let other = seek(slots, sets[2], 2, notes)
    cancelled.cancel()
    await #expect(throws: CancellationError.self) { try await cancelled.value }
    slots.leave(sets[0])
    try await other.value
    #expect(notes.all == [sets[2]])
  }

  @Test func `a larger MaxInFlight counts from the next slot that is asked for or given back`() async throws {
    let limit = Mutex(1)
    let (notes, sets) = (Notes(), Self.sets)
    let slots = UploadSlots { limit.withLock { $0 } }
    try await slots.enter(sets[0], arrival: 0)
    let first = seek(slots, sets[1], 1, notes)
    limit.withLock { $0 = 3 }
    let second = seek(slots, sets[2], 2, notes)
    try await first.value
    try await second.value
  }

  @Test func `the head of the queue goes on, and no other set`() async {
    let head = Mutex<SetID?>(nil)
    let (notes, sets) = (Notes(), Self.sets)
    let turns = HeadOfQueue { head.withLock { $0 } }
    let seekers = sets[0...1].map { set in
      Task.immediate {
        await turns.wait(for: set)
        notes.add(set)
      }
    }
    turns.changed()
    #expect(notes.all.isEmpty)
    for place in 0...1 {
      head.withLock { $0 = sets[place] }
      turns.changed()
      await seekers[place].value
    }
    #expect(notes.all == Array(sets[0...1]))
  }
}
