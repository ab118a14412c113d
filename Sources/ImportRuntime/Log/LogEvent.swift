import ImportCore

/// How much attention a line of the log deserves, by the numbers of syslog(3).
public enum LogPriority: Int, Sendable, Hashable, Comparable {
  case critical = 2
  case error = 3
  case warning = 4
  case notice = 5
  case information = 6
  case debug = 7

  public static func < (left: LogPriority, right: LogPriority) -> Bool { left.rawValue < right.rawValue }
}

/// One thing worth a line in the system's log: the same words, whether they are read in the journal or on
/// standard error.
public struct LogEvent: Sendable, Hashable {
  /// One `name=value` of the line.
  public struct Pair: Sendable, Hashable {
    /// What stands before the `=`.
    public var name: String
    /// The value before quoting.
    public var value: String
  }

  /// What kind of thing happened.
  public var kind: LogKind
  /// How much attention it deserves.
  public var priority: LogPriority
  /// A sentence before the pairs; empty for changes of a set's state.
  public var text: String
  /// The pairs in the order in which they are shown.
  public var pairs: [Pair]

  /// Takes the kind with its usual priority, and a sentence.
  public init(_ kind: LogKind, _ text: String = "", priority: LogPriority? = nil) {
    self.kind = kind
    self.priority = priority ?? kind.priority
    self.text = text
    pairs = []
  }

  /// The same event with one more pair; nil adds nothing.
  public func with(_ name: String, _ value: (some CustomStringConvertible)?) -> LogEvent {
    guard let value else { return self }
    var event = self
    event.pairs.append(Pair(name: name, value: value.description))
    return event
  }

  public subscript(name: String) -> String? { pairs.first { $0.name == name }?.value }
}

/// Takes in what happens. One implementation speaks to the system's journal, one to standard error.
public protocol Log: Sendable {
  /// Writes one line, or leaves it out if it is below the level in force. Never fails. May block for as long as nobody
  /// reads the log, unless it is a ``QueuedLog``.
  func write(_ event: LogEvent)
  /// False if the event is below the level in force.
  func includes(_ event: LogEvent) -> Bool
}

extension Log {
  public func includes(_ event: LogEvent) -> Bool { true }
}

extension LogEvent {
  /// The line as people read it: `set=… source=hr state=deferred attempt=3 reason="Service unavailable"`.
  public var line: String {
    let words = pairs.map { "\($0.name)=\(Self.quotedWhereNeeded($0.value))" }
    return ((text.isEmpty ? [] : [PrintableText.escaping(text)]) + words).joined(separator: " ")
  }

  /// Values made of harmless characters stand as they are; all others in quotes, so that no name that somebody
  /// dropped can forge a field or a line.
  static func quotedWhereNeeded(_ value: String) -> String {
    let isHarmless = !value.isEmpty && value.utf8.allSatisfy { $0 > 32 && $0 < 127 && !isQuotedFor($0) }
    if isHarmless { return value }
    let escaped = value.reduce(into: "") { text, character in
      text += character == "\"" || character == "\\" ? "\\\(character)" : String(character)
    }
    return "\"\(PrintableText.escaping(escaped))\""
  }

  private static func isQuotedFor(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "="), UInt8(ascii: "'"): true
    default: false
    }
  }
}
