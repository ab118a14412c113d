import ImportCore
import Testing

@Suite struct SourceQueueTests {
  /// A set of this arrival; its id and its name are made from the two numbers.
  private static func delivery(_ arrival: Int64, name: String = "export") -> Delivery {
    var random = SplitMix(UInt64(arrival))
    let id = SetID(completed: Invented.start, source: Invented.source, using: &random)
    return Delivery(set: id, arrival: arrival, claim: Invented.claim(name: name))
  }

  @Test func `none waits in the beginning`() {
    let queue = SourceQueue()
    #expect(queue.count == 0)
    #expect(queue.head(.arrival) == nil)
    #expect(queue.head(.name) == nil)
  }

  @Test(arguments: [[1, 2, 3], [3, 2, 1], [2, 3, 1]] as [[Int64]])
  func `whatever comes in first, the earliest arrival is the head`(arrivals: [Int64]) {
    var queue = SourceQueue()
    for arrival in arrivals { queue.insert(Self.delivery(arrival)) }
    #expect(queue.sets == (1...3).map { Self.delivery($0).set })
    #expect(queue.head(.arrival) == Self.delivery(1).set)
  }

  @Test(arguments: [
    (["b", "a", "c"], 2), (["a", "B", "c"], 2), (["é", "z"], 2), (["export-10", "export-9"], 1),
    (["same", "same"], 1), (["b", "a", "a"], 2), (["", "a"], 1),
  ])
  func `by name the lowest goes first, byte by byte, and of equals the earlier`(names: [String], head: Int) {
    var queue = SourceQueue()
    for (index, name) in names.enumerated().reversed() {
      queue.insert(Self.delivery(Int64(index + 1), name: name))
    }
    #expect(queue.head(.name) == Self.delivery(Int64(head)).set)
  }

  @Test func `the first of those in doubt is told from the others, until it leaves`() throws {
    var queue = SourceQueue()
    var doubtful = [Self.delivery(2), Self.delivery(3)]
    for index in doubtful.indices {
      for event in Invented.untilUploaded + [.scheduleIntended(mode: .import)] {
        try doubtful[index].apply(event, at: Invented.start)
      }
    }
    for arrival: Int64 in 1...4 { queue.insert(Self.delivery(arrival)) }
    #expect(queue.firstInDoubt == nil)
    for delivery in doubtful.reversed() { queue.insert(delivery) }
    #expect(queue.firstInDoubt == doubtful[0].set)
    queue.remove(doubtful[0])
    #expect(queue.firstInDoubt == doubtful[1].set)
    queue.remove(doubtful[1])
    #expect(queue.firstInDoubt == nil)
    #expect(queue.sets == [1, 4].map { Self.delivery($0).set })
  }

  @Test func `what is there already, and what is not there, changes nothing`() {
    var queue = SourceQueue()
    queue.insert(Self.delivery(2))
    let before = queue
    queue.insert(Self.delivery(2))
    queue.remove(Self.delivery(1))
    queue.remove(Self.delivery(3))
    #expect(queue == before)
    queue.remove(Self.delivery(2))
    #expect(queue == SourceQueue())
  }

  @Test(arguments: 0..<20)
  func `it does what a naive list does`(seed: UInt64) {
    var random = SplitMix(seed)
    var queue = SourceQueue()
    var list: [Delivery] = []
    for _ in 0..<200 {
      let arrival = Int64.random(in: 1...25, using: &random)
      let delivery = Self.delivery(arrival, name: ["b", "a", "ab", "é"][Int(arrival) % 4])
      if Bool.random(using: &random) {
        queue.insert(delivery)
        if !list.contains(delivery) { list.append(delivery) }
      } else {
        queue.remove(delivery)
        list.removeAll { $0 == delivery }
      }
      list.sort { $0.arrival < $1.arrival }
      #expect(queue.sets == list.map(\.set))
      #expect(queue.count == list.count)
      let lowest = list.min {
        (Array($0.claim.name.utf8), $0.arrival) < (Array($1.claim.name.utf8), $1.arrival)
      }
      #expect(queue.head(.name) == lowest?.set)
    }
  }
}

/// Orders what a naive sort by name and arrival compares.
private func < (left: ([UInt8], Int64), right: ([UInt8], Int64)) -> Bool {
  left.0 == right.0 ? left.1 < right.1 : left.0.lexicographicallyPrecedes(right.0)
}
