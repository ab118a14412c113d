/// Counts warnings that repeat, so that one lasting cause does not fill the log: within ten minutes the same warning is
/// written once, and the next line of its kind says how often it was repeated. Changes of a set's state are never repeats.
struct RepeatedLines {
  /// The same warning within this time (nanoseconds) is a repeat.
  static let window: Int64 = 600 * 1_000_000_000
  /// Different warnings that are remembered.
  static let mostLines = 64

  private struct Line {
    var event: LogEvent
    var firstAt: Int64
    var repeats = 0
  }

  /// What is the same in a warning and its repeats.
  private struct Key: Hashable {
    var kind: LogKind
    var text: String
    var pairs: [LogEvent.Pair]
  }

  private var lines: [Key: Line] = [:]

  /// Takes in an event.
  ///
  /// - Returns: the events to be written now: none if this one is a repeat.
  mutating func admit(_ event: LogEvent, at now: Int64) -> [LogEvent] {
    var due = expire(before: now - Self.window)
    guard let key = Self.key(event) else {
      // A notice that says that something is well again ends what was warned of before.
      if event.priority == .notice, event["set"] == nil { due += end() }
      return due + [event]
    }
    if lines[key] != nil {
      lines[key]?.repeats += 1
      lines[key]?.event = event
      return due
    }
    if lines.count >= Self.mostLines { due += end() }
    lines[key] = Line(event: event, firstAt: now)
    return due + [event]
  }

  /// Forgets all lines, and returns those that were repeated, with the count.
  mutating func end() -> [LogEvent] { expire(before: .max) }

  private mutating func expire(before limit: Int64) -> [LogEvent] {
    let old = lines.filter { $0.value.firstAt < limit }
    for key in old.keys { lines[key] = nil }
    return old.values.filter { $0.repeats > 0 }.sorted { $0.firstAt < $1.firstAt }
      .map { $0.event.with("repeated", $0.repeats) }
  }

  /// True for what answers a person, such as one who reloads a second time.
  private static func isAnswer(_ kind: LogKind) -> Bool {
    kind == .configurationRefused || kind == .restartNeeded
  }

  /// Nil for what is no repeat however often it comes.
  private static func key(_ event: LogEvent) -> Key? {
    guard event.priority <= .warning, event["state"] == nil, !isAnswer(event.kind) else { return nil }
    return Key(
      kind: event.kind, text: event.text,
      pairs: event.pairs.filter { !["set", "name", "attempt", "next", "waiting", "free"].contains($0.name) })
  }
}
