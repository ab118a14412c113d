import ImportCore

/// Jobs that are searched for in the list, by the beginnings of their batches.
struct WantedRows {
  private static let opening = 8
  private var byOpening: [String: [OpenOutcome]] = [:]

  init(_ jobs: [OpenOutcome]) {
    byOpening = Dictionary(grouping: jobs) { String($0.batch.text.prefix(Self.opening)) }
  }

  var isEmpty: Bool { byOpening.isEmpty }

  /// The rest, in the order of scheduling.
  var jobs: [OpenOutcome] { byOpening.values.flatMap(\.self).sorted { $0.scheduled < $1.scheduled } }

  /// Removes and returns the job of a row.
  mutating func remove(_ row: BatchListRow) -> OpenOutcome? {
    let opening = String(row.opening.prefix(Self.opening))
    guard var jobs = byOpening[opening], let index = jobs.firstIndex(where: { row.isOf($0.set, $0.batch) })
    else { return nil }
    defer { byOpening[opening] = jobs.isEmpty ? nil : jobs }
    return jobs.remove(at: index)
  }
}
