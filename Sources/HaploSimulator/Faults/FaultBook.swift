/// Keeps the faults with what each has seen so far, and picks those that a request meets.
struct FaultBook: Sendable {
  private struct Entry: Sendable {
    let fault: Fault
    var seen = 0
    var met = 0
    var random: SplitMix64

    init(_ fault: Fault) {
      self.fault = fault
      random = SplitMix64(state: fault.seed)
    }

    /// Counts a request and decides whether the fault meets it.
    mutating func meets(_ endpoint: Endpoint) -> Bool {
      guard fault.target.includes(endpoint) else { return false }
      seen += 1
      // Drawn for every request, so that what one meets does not hang on the settings beside.
      let draw = Double(random.next() >> 11) / Double(1 << 53)
      guard seen >= fault.nth ?? 1, met < limit, draw < fault.probability else { return false }
      met += 1
      return true
    }

    private var limit: Int { fault.count ?? (fault.nth == nil ? .max : 1) }
  }

  private var entries: [Entry] = []

  init(_ faults: [Fault]) { entries = faults.map(Entry.init) }

  var faults: [Fault] { entries.map(\.fault) }

  mutating func add(_ fault: Fault) { entries.append(Entry(fault)) }

  mutating func clear() { entries = [] }

  /// The faults that the next request of a step or page meets; other paths meet none.
  mutating func meet(_ endpoint: Endpoint) -> [Fault] {
    entries.indices.compactMap { entries[$0].meets(endpoint) ? entries[$0].fault : nil }
  }
}

/// Steele, Lea and Flood's generator: small, and the same everywhere.
struct SplitMix64: RandomNumberGenerator, Sendable {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
