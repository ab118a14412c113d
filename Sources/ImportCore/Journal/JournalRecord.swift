/// What one line of the journal says.
public enum JournalEntry: Hashable, Sendable {
  /// Something happened to a set.
  case event(DeliveryEvent, set: SetID)
  /// The whole state of a set, as written when the journal is made anew.
  case snapshot(Delivery)
  /// Whether the server may be asked, after a change of that.
  case server(ServerBreaker)
  /// Whether a source's sets are taken and scheduled, after a change of that.
  case source(SourceName, SourceControl)
  /// What is known of a source's earlier sets, as written when the journal is made anew. One that says nothing of scheduled
  /// sets leaves those that are known.
  case history(SourceName, SourceHistory)
  /// The journal was found to be older than the archive: nothing is taken or sent until a person has decided.
  case outdated(OutdatedJournal)
  /// A person has decided that what the journal takes for unscheduled is; the name is theirs.
  case reconciled(by: String)
  /// What the clocks showed when retention was last applied.
  case clock(ClockWatch)
  /// A job whose end is to be read from the server's pages, or what was learned of where to read it.
  case outcomeOpened(OpenOutcome)
  /// What became of a job: it is not read any more.
  case outcomeSettled(SettledOutcome)
  /// Whether the outcome key is used, after a change of that.
  case outcomeReading(OutcomeReading)
}

/// One line of the journal without its checksum.
public struct JournalRecord: Hashable, Sendable {
  /// One more than that of the line before.
  public var sequence: Int64
  /// The last sequence number known to be durable when this line was written. A line that is bad although
  /// a later one says that it was durable is damage; any other bad line is a torn tail.
  public var synced: Int64
  /// When it happened.
  public var time: Timestamp
  /// What happened.
  public var entry: JournalEntry

  public init(sequence: Int64, synced: Int64, time: Timestamp, entry: JournalEntry) {
    self.sequence = sequence
    self.synced = synced
    self.time = time
    self.entry = entry
  }
}

extension JournalRecord: Codable {
  private enum Key: String, CodingKey {
    case sequence = "seq", synced, time, set, event, snapshot, server, source, control, history
    case outdated, reconciled, clock
    case job, settled, outcomes
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    sequence = try values.decode(Int64.self, forKey: .sequence)
    synced = try values.decode(Int64.self, forKey: .synced)
    time = try values.decode(Timestamp.self, forKey: .time)
    if let snapshot = try values.decodeIfPresent(Delivery.self, forKey: .snapshot) {
      entry = .snapshot(snapshot)
    } else if let server = try values.decodeIfPresent(ServerBreaker.self, forKey: .server) {
      entry = .server(server)
    } else if let source = try values.decodeIfPresent(SourceName.self, forKey: .source) {
      if let history = try values.decodeIfPresent(SourceHistory.self, forKey: .history) {
        entry = .history(source, history)
      } else {
        entry = .source(source, try values.decode(SourceControl.self, forKey: .control))
      }
    } else if let outdated = try values.decodeIfPresent(OutdatedJournal.self, forKey: .outdated) {
      entry = .outdated(outdated)
    } else if let person = try values.decodeIfPresent(String.self, forKey: .reconciled) {
      entry = .reconciled(by: person)
    } else if let clock = try values.decodeIfPresent(ClockWatch.self, forKey: .clock) {
      entry = .clock(clock)
    } else if let job = try values.decodeIfPresent(OpenOutcome.self, forKey: .job) {
      entry = .outcomeOpened(job)
    } else if let settled = try values.decodeIfPresent(SettledOutcome.self, forKey: .settled) {
      entry = .outcomeSettled(settled)
    } else if let reading = try values.decodeIfPresent(OutcomeReading.self, forKey: .outcomes) {
      entry = .outcomeReading(reading)
    } else {
      let event = try values.decode(DeliveryEvent.self, forKey: .event)
      entry = .event(event, set: try values.decode(SetID.self, forKey: .set))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(sequence, forKey: .sequence)
    try values.encode(synced, forKey: .synced)
    try values.encode(time, forKey: .time)
    switch entry {
    case .event(let event, let set):
      try values.encode(set, forKey: .set)
      try values.encode(event, forKey: .event)
    case .snapshot(let delivery): try values.encode(delivery, forKey: .snapshot)
    case .server(let breaker): try values.encode(breaker, forKey: .server)
    case .source(let name, let control):
      try values.encode(name, forKey: .source)
      try values.encode(control, forKey: .control)
    case .history(let name, let history):
      try values.encode(name, forKey: .source)
      try values.encode(history, forKey: .history)
    case .outdated(let outdated): try values.encode(outdated, forKey: .outdated)
    case .reconciled(let person): try values.encode(person, forKey: .reconciled)
    case .clock(let clock): try values.encode(clock, forKey: .clock)
    case .outcomeOpened(let job): try values.encode(job, forKey: .job)
    case .outcomeSettled(let settled): try values.encode(settled, forKey: .settled)
    case .outcomeReading(let reading): try values.encode(reading, forKey: .outcomes)
    }
  }
}

/// The journal's first line.
public struct JournalHeader: Hashable, Codable, Sendable {
  /// Version of the format; a program refuses a newer one than its own by name.
  public var format: Int
  /// Random name of this spool, which the spool itself carries as well. It is made when the journal is first created, and
  /// anew where it is not the spool's.
  public var instance: String
  /// The sequence number before the first line's.
  public var base: Int64
  /// When this file was begun. The journals of version 0.1 do not say.
  public var created: Timestamp?
  /// True if the spool carries the same name. The journals of version 0.1 do not say, and their spools carry none.
  public var marked: Bool?

  /// No journal ever grows so long that its numbers leave this range.
  static let possibleBases: ClosedRange<Int64> = 0...(.max >> 1)

  /// The format that this program writes.
  public static let currentFormat = 1

  /// Takes the spool's name, the sequence number before the first line's, and what newer journals say.
  public init(instance: String, base: Int64, created: Timestamp? = nil, marked: Bool? = nil) {
    format = Self.currentFormat
    self.instance = instance
    self.base = base
    self.created = created
    self.marked = marked
  }
}
