/// What is known of something that may be a set: a plain value, taken by a scan.
public struct SetSnapshot: Sendable {
  /// Folder or flat.
  public var form: SetForm
  /// The folder's name; for a flat set what people call it.
  public var name: String
  /// Absolute path of the drop directory.
  public var directory: String
  /// What is known of the folder's inside, or of the drop directory.
  public var index: DropIndex
  /// The folder as an entry of the drop directory.
  public var folder: EntryStatus?
  /// What was found in the files.
  public var evidence: Evidence
  /// Why the folder cannot be listed.
  public var obstacle: EntryObstacle?
  /// Why the folder cannot be moved out.
  public var moveObstacle: EntryObstacle?

  /// Takes a folder and what is known of it.
  public init(folder name: String, in directory: String, status: EntryStatus, index: DropIndex) {
    form = .folder
    self.name = name
    self.directory = directory
    self.index = index
    folder = status
    evidence = Evidence()
  }

  /// Takes a drop directory, whose own files may be a flat set.
  public init(flatIn directory: String, index: DropIndex, rules: IntakeRules) {
    form = .flat
    name = rules.controlFileName ?? DropName.control
    self.directory = directory
    self.index = index
    evidence = Evidence()
  }

  var isFolder: Bool { form == .folder }
  /// The prefix of the paths of findings.
  var prefix: String { isFolder ? name + "/" : "" }
}

/// The problems that a listing shows of a set, whatever is in its files.
struct SetStructure {
  let subject: SetSnapshot
  let rules: IntakeRules

  private var index: DropIndex { subject.index }

  /// What is wrong with the set: its marker, its kinds of files, their links.
  func findings(_ members: [String]) -> [IntakeFinding] {
    let marker = rules.markerFile.flatMap { index[$0] == nil ? [missingMarker($0)] : nil } ?? []
    return marker + (subject.isFolder ? folderFindings() : flatFindings(members))
  }

  private func missingMarker(_ name: String) -> IntakeFinding {
    IntakeFinding(
      subject.prefix + name, "the marker '\(name)' is missing: the exporter has not said that it is done")
  }

  private func flatFindings(_ members: [String]) -> [IntakeFinding] {
    members.compactMap { name in index[name].flatMap { problem(of: name, $0.status) } }
  }

  private func folderFindings() -> [IntakeFinding] {
    let own = subject.moveObstacle.map { [$0.finding(subject.name)] } ?? []
    let obstacles = own + index.obstacles.sorted { $0.key < $1.key }.map { $1.finding(subject.prefix + $0) }
    let entries = index.entries.sorted { $0.key < $1.key }
    return obstacles + entries.compactMap { problemInFolder($0.key.text, $0.value.status) }
  }

  private func problemInFolder(_ path: String, _ status: EntryStatus) -> IntakeFinding? {
    if DropName.isTemporary(DropName.last(of: path)) {
      return IntakeFinding(
        subject.prefix + path, "a temporary name inside: something is still being written",
        remedy: "the program that writes it should rename or remove it when it is done")
    }
    return status.kind == .directory ? nil : problem(of: path, status)
  }

  /// What is wrong with one file, by its kind and its links.
  func problem(of name: String, _ status: EntryStatus) -> IntakeFinding? {
    func finding(_ text: String, _ remedy: String) -> IntakeFinding {
      IntakeFinding(subject.prefix + name, text, remedy: remedy, isFinal: true)
    }
    switch status.kind {
    case .directory: return finding("it is a directory, not a regular file", "put a file in its place")
    case .special(let kind):
      return finding("it is a \(kind), not a regular file", "put a copy of the file in its place")
    case .regular:
      guard status.links > 1 else { return nil }
      return finding(
        "it has \(status.links) hard links, so that it could be changed by another name",
        "put a copy of the file in its place")
    }
  }
}

/// The place of a set in the order of arrival (docs/exporters.md, "When it is picked up").
public struct Arrival: Hashable, Comparable, Sendable {
  /// The latest change time (ctime) of its files and folder, in nanoseconds since 1970. What the daemon itself changed, an
  /// access list, does not count.
  public var change: Int64
  /// The folder's name, or the control file's.
  public var name: ExactText

  public init(change: Int64, name: String) {
    self.change = change
    self.name = ExactText(name)
  }

  public static func < (left: Arrival, right: Arrival) -> Bool {
    left.change != right.change ? left.change < right.change : left.name < right.name
  }
}

/// Finds the sets that must not be claimed yet, because one that comes before them only waits for its quiet time.
public enum ArrivalOrder {
  /// Splits complete sets.
  ///
  /// - Parameters:
  ///   - sets: The sets that are complete now.
  ///   - waiting: The sets of the same source that wait for their quiet time and nothing else.
  ///   - order: How the source's sets are ordered.
  /// - Returns: The sets that may be claimed, in the order of arrival; and those that have to wait for one of `waiting`.
  public static func split(_ sets: [CompleteSet], waiting: [Arrival], _ order: ScheduleOrder) -> (
    ready: [CompleteSet], held: [CompleteSet]
  ) {
    let sorted = sets.sorted { $0.arrival < $1.arrival }
    let isHeld = { (set: CompleteSet) in
      switch order {
      case .arrival: waiting.contains { $0 < set.arrival }
      case .name: waiting.contains { $0.name < set.arrival.name }
      }
    }
    return (sorted.filter { !isHeld($0) }, sorted.filter(isHeld))
  }
}
