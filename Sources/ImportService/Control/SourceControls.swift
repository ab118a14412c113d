import ImportCore
import ImportRuntime
import ImportStorage

/// Pauses sources and lets them go on, in the running daemon or, while it is down, in the journal alone.
struct SourceControls: Sendable {
  let journal: Journal
  let configuration: Configuration
  let log: any Log
  /// Records a change, and has the daemon act on it.
  let record: @Sendable (SourceControl, SourceName) async throws -> Void

  /// Stops taking and scheduling sets of these sources. A schedule call that may be under way is brought to its end.
  func pause(_ sources: [SourceName], by person: String) async throws -> [DecisionResult] {
    try await change(sources) { control in
      guard control.pausedBy == nil else { return "already paused by \(control.pausedBy ?? "")" }
      control.pausedBy = person
      return nil
    } done: { source in
      log.write(LogEvent(.sourcePaused, "source paused").with("source", source).with("by", person))
      return "paused: no sets are accepted or scheduled until 'haplo-importd resume \(source)'"
    }
  }

  /// Lets these sources go on, whether they were paused or halted.
  func resume(_ sources: [SourceName], by person: String) async throws -> [DecisionResult] {
    try await change(sources) { control in
      guard !control.isDefault else { return "not paused" }
      control = SourceControl(resumedBy: person)
      return nil
    } done: { source in
      log.write(LogEvent(.sourceResumed, "source resumed").with("source", source).with("by", person))
      return "resumed"
    }
  }

  /// `apply` changes what is known of a source, or says why there is nothing to do, which is no failure.
  private func change(
    _ sources: [SourceName], _ apply: (inout SourceControl) -> String?, done: (SourceName) -> String
  ) async throws -> [DecisionResult] {
    var results: [DecisionResult] = []
    for source in sources {
      guard configuration.source(source) != nil else {
        results.append(
          .init(subject: source.text, outcome: .noSource, text: "there is no source of this name"))
        continue
      }
      var control = journal.control(of: source)
      if let reason = apply(&control) {
        try await journal.makeDurable()  // somebody else may have recorded it just now
        results.append(.init(subject: source.text, outcome: .done, text: reason))
      } else {
        try await record(control, source)
        results.append(.init(subject: source.text, outcome: .done, text: done(source)))
      }
    }
    return results
  }
}
