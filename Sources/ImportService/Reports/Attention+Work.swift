import ImportCore

extension Attention {
  /// Sources with so many obstructed sets are told by one line.
  private static let shownSets = 3

  /// Work that has not moved for longer than it may. If it is isolated to one source, the others go on.
  init(stuck work: (name: String, since: Duration, isIsolated: Bool)) {
    self.init(
      work.isIsolated ? .warning : .critical,
      "\(work.name) has not moved for \(TimeSpan.text(.seconds(Int64(work.since.inSeconds)))). Check the disk or mount that it uses"
    )
  }

  /// Sets that cannot be claimed, archived or moved, and why: each by itself, but one line for a source that has many.
  static func obstructed(_ sets: [(set: SetID, obstacle: SetObstacles.Obstacle)])
    -> [Attention]
  {
    let bySource = Dictionary(grouping: sets) { $0.set.source }.sorted { $0.key < $1.key }
    return bySource.flatMap { source, sets -> [Attention] in
      let lines = sets.prefix(sets.count > shownSets ? 1 : shownSets).map { set, obstacle in
        "set \(set) \(obstacle.failure): \(obstacle.error) (\(obstacle.tries) attempts since \(obstacle.since.rfc3339))"
      }
      if sets.count > shownSets {
        return [
          .init(
            .warning, source: source.text, count: sets.count,
            "\(sets.count) sets cannot be moved, first \(lines[0])",
            command: "haplo-importd list --source \(source)")
        ]
      }
      return zip(sets, lines).map { item, line in
        .init(.warning, source: source.text, line, command: "haplo-importd show \(item.set)")
      }
    }
  }
}
