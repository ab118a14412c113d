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
