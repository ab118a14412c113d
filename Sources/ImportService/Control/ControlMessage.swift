import FoundationEssentials
public import ImportCore

/// What an administration command asks the running daemon.
public enum ControlRequest: Codable, Sendable, Hashable {
  case status
  /// A page of a list; without a cursor the first one.
  case list(SetSelection, ListCursor?)
  case show(prefix: String)
  /// The set that the next one of a source will be compared with.
  case last(source: SourceName)
  /// `name` is the path as a person typed it, which may be the name of something in a drop directory.
  case explain(path: String, name: String? = nil)
  /// Sets by their ids or beginnings of them.
  case decide(Decision, sets: [String])
  case pause(sources: [SourceName])
  case resume(sources: [SourceName])
  /// Go on after the journal was found to be older than the archive.
  case reconcile(assumeNew: Bool)
  /// Settle by the server's list of batches what is in doubt; with `dryRun` only report.
  case compareWithServer(dryRun: Bool)

  /// False for what only asks.
  public var changesSomething: Bool {
    switch self {
    case .status, .list, .show, .last, .explain: false
    case .compareWithServer(let dryRun): !dryRun
    case .decide, .pause, .resume, .reconcile: true
    }
  }
}

/// What the daemon answers.
public enum ControlReply: Codable, Sendable {
  case status(StatusReport)
  case sets(ListPage)
  case shown(ShownSet)
  case explained(Explanation)
  case decided([DecisionResult])
  /// The request names a set, source or path that is not there.
  case notFound(String)
  /// The request cannot be answered, and why.
  case failed(String)
}

/// Why something in a drop directory is not taken.
public struct Explanation: Codable, Sendable {
  /// `absent`, `ready`, `waiting` or `cannot-be-taken`; `elsewhere` for a path in no drop directory.
  public var outcome: String
  public var source: String?
  public var findings: [String]
}

enum ControlCoding {
  static func encode(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    guard let data = try? encoder.encode(value) else { preconditionFailure("every reply can be encoded") }
    return Array(data) + [UInt8(ascii: "\n")]
  }

  static func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) -> Value? {
    try? JSONDecoder().decode(type, from: Data(bytes))
  }
}
