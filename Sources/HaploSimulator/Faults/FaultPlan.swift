/// Says what the faults that one request meets do to it.
struct FaultPlan: Sendable {
  let faults: [Fault]

  init(_ faults: [Fault]) { self.faults = faults }

  /// How long to wait before anything else.
  var latency: Duration {
    faults.reduce(.zero) { sum, fault in
      if case .latency(let time) = fault.kind { sum + time } else { sum }
    }
  }

  /// After how many bytes of the body the connection is cut.
  var cutAfter: Int64? {
    first { if case .cut(let bytes) = $0 { bytes } else { nil } }
  }

  var drops: Bool { has(.drop) }
  var halves: Bool { has(.half) }
  var hasWrongDigest: Bool { has(.wrongDigest) }
  var isNotPermitted: Bool { has(.notPermitted) }
  var losesJob: Bool { has(.loseJob) }
  var hasUnknownMarkup: Bool { has(.unknownMarkup) }

  /// The size in bytes of the log on a batch's page.
  var logSize: Int? {
    first { if case .largeLog(let size) = $0 { size } else { nil } }
  }

  /// Where a page of a certain size in bytes ends.
  var pageLimit: ((Int) -> Int)? {
    first { if case .truncated(let limit) = $0 { { size in limit ?? size / 2 } } else { nil } }
  }

  /// The planned end of the job of a batch: the fault that was added last decides.
  func job(number: Int, comment: String?) -> JobPlan? {
    for fault in faults.reversed() {
      if case .job(let plan) = fault.kind, plan.means(number: number, comment: comment) { return plan }
    }
    return nil
  }

  func answer(at wanted: Fault.Moment) -> HTTPAnswer? {
    first { kind in
      guard case .answer(let status, let type, let body, let headers, let moment) = kind, moment == wanted
      else { return nil }
      return HTTPAnswer(status: status, mediaType: type, body: body, headers: headers)
    }
  }

  func stall(at wanted: Fault.Moment) -> Duration? {
    first { if case .stall(let time, at: wanted) = $0 { time } else { nil } }
  }

  private func has(_ kind: Fault.Kind) -> Bool { faults.contains { $0.kind == kind } }

  private func first<Value>(_ pick: (Fault.Kind) -> Value?) -> Value? {
    for fault in faults {
      if let value = pick(fault.kind) { return value }
    }
    return nil
  }
}

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
