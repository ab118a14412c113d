/// Faults under way, each with its share of requests in 100 and its end on the monotonic clock.
struct ActiveFaults<Fault: Hashable> {
  private var faults: [(fault: Fault, share: Int, end: Int64)] = []
  private var random: Random
  /// Faults that have hit something.
  private(set) var hits: Set<Fault> = []

  init(_ random: Random) { self.random = random }

  mutating func begin(_ fault: Fault, share: Int, seconds: Int) {
    faults.append((fault, share, machine.monotonic + Int64(seconds) * 1_000_000_000))
  }

  mutating func end() { faults = [] }

  mutating func note(_ fault: Fault) { hits.insert(fault) }

  /// True if the fault hits this time.
  mutating func hit(_ fault: Fault) -> Bool {
    guard !faults.isEmpty else { return false }
    faults.removeAll { $0.end < machine.monotonic }
    guard let share = faults.first(where: { $0.fault == fault })?.share, random.chance(share) else {
      return false
    }
    hits.insert(fault)
    return true
  }

  /// True while the fault is under way, whatever its share.
  func isOn(_ fault: Fault) -> Bool { faults.contains { $0.fault == fault && $0.end >= machine.monotonic } }
}
