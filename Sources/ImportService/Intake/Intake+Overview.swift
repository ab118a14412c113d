public import ImportCore
import ImportRuntime
import ImportSystem

/// How things stand in one drop directory.
public struct IntakeOverview: Sendable {
  /// One thing that is not taken yet.
  public struct Incoming: Sendable {
    /// Its name in the drop directory: a folder, or the control file of the flat set.
    public var path: String
    /// Why it is not taken.
    public var findings: [IntakeFinding]
    /// How long it has been incomplete; nil for what does not look like a set.
    public var waiting: Duration?
    /// True once it was reported as incomplete for too long (`IncompleteWarnSec=`).
    public var isOverdue = false
  }

  public var source: SourceName
  /// The drop directory.
  public var directory: String
  /// How it is watched.
  public var mode: Intake.WatchMode
  /// When everything was looked at last.
  public var lastScan: Timestamp?
  /// Folders, and the flat set where there is a control file for one, in the order of their names: those that need a person
  /// first, ``limit`` at most.
  public var incoming: [Incoming]
  /// How many there are.
  public var incomingCount: Int
  /// How many files lie in the directory itself.
  public var files: Int

  /// Sets are judged anew for each overview, on a thread that all tasks share: so many at most.
  static let limit = 500
}

/// What stands between one file or folder and its being taken.
public struct IntakeExplanation: Sendable {
  /// The answer in one word.
  public enum Outcome: Sendable {
    /// There is no such file or folder.
    case absent
    /// Nothing is wrong with it.
    case ready
    /// It is not complete yet.
    case waiting
    /// It cannot be taken as it is.
    case cannotBeTaken
  }

  /// The answer in one word.
  public var outcome: Outcome
  /// The reasons.
  public var findings: [IntakeFinding]
}

extension Intake {
  /// The little that can be counted often, without judging anything.
  struct Gauges: Sendable, Hashable {
    /// `watched`, `polled` or `lost`.
    var mode: String
    /// Folders, and the flat set where there is a control file for one, that are not taken yet.
    var incoming: Int
  }

  /// The little that can be counted often.
  var gauges: Gauges {
    let mode =
      switch mode {
      case .watched: "watched"
      case .polled: "polled"
      case .lost: "lost"
      }
    let shown = sets.count { $0.folder != nil || $0.incompleteSince != nil }
    return Gauges(mode: mode, incoming: shown + flat.snapshot.index.obstacles.count)
  }

  /// How things stand now.
  public var overview: IntakeOverview {
    let now = time.monotonic
    let shown = sets.filter { $0.folder != nil || $0.incompleteSince != nil }
    let obstacles = flat.snapshot.index.obstacles
    let gravest = shown.filter(\.isReported) + shown.filter { !$0.isReported }
    let incoming = gravest.prefix(IntakeOverview.limit).map { set in
      IntakeOverview.Incoming(
        path: set.snapshot.name, findings: explanation(of: set),
        waiting: set.incompleteSince.map { now.since($0) }, isOverdue: set.isReported)
    }
    let strange = obstacles.prefix(IntakeOverview.limit).map { name, obstacle in
      IntakeOverview.Incoming(path: name, findings: [obstacle.finding(name)], waiting: nil)
    }
    return IntakeOverview(
      source: source.name, directory: source.directory, mode: mode, lastScan: lastScan,
      incoming: (strange + incoming).prefix(IntakeOverview.limit).sorted {
        ExactText($0.path) < ExactText($1.path)
      },
      incomingCount: shown.count + obstacles.count,
      files: flat.snapshot.index.entries.count - folders.count)
  }

  /// Says why `path`, relative to the drop directory, is not taken yet.
  public func explain(_ path: String) -> IntakeExplanation {
    let parts = path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
    guard let name = parts.first else { return .init(outcome: .absent, findings: []) }
    if Litter.contains(path: path) {
      return .init(
        outcome: .ready,
        findings: [
          IntakeFinding(path, "left by a file manager or server: ignored, moved along with its folder")
        ])
    }
    if let obstacle = flat.snapshot.index.obstacles[EntryName(name).description] {
      return explanation([obstacle.finding(EntryName(name).description)])
    }
    guard let entry = flat.snapshot.index[name] else {
      // The flat set of a fixed control file goes by that file's name, which is not in the drop directory.
      guard parts.count == 1, source.rules.controlFileName.map(ExactText.init) == ExactText(name) else {
        return .init(outcome: .absent, findings: [])
      }
      return explained(flat)
    }
    if DropName.isTemporary(name) {
      return explanation([
        IntakeFinding(
          name, "a temporary name is never picked up", remedy: "rename it when it is complete", isFinal: true)
      ])
    }
    if case .special(let kind) = entry.status.kind {
      return explanation([IntakeFinding(name, "it is a \(kind), not a regular file or folder", isFinal: true)]
      )
    }
    guard entry.status.kind == .directory else { return explainFile(name) }
    guard let set = folders[ExactText(name)] else { return .init(outcome: .absent, findings: []) }
    let inner = parts.dropFirst().joined(separator: "/")
    let index = set.snapshot.index
    let isKnown =
      inner.isEmpty || index[inner] != nil || index.obstacles[inner] != nil || set.snapshot.obstacle != nil
      || index.obstacles[EntryName(inner).description] != nil
    return isKnown ? explained(set) : .init(outcome: .absent, findings: [])
  }

  private func explainFile(_ name: String) -> IntakeExplanation {
    let verdict = judge(flat, thorough: true)
    if case .notASet(let finding) = verdict { return explanation([finding]) }
    // Without its fixed control file, no file of the directory is named by anything.
    if case .waiting(let waiting) = verdict, let path = source.rules.controlFile,
      waiting.findings.contains(where: { ExactText($0.path) == ExactText(path) })
    {
      return explanation(waiting.findings)
    }
    guard
      name == DropName.control || name == DropName.sums
        || source.rules.markerFile.map({ ExactText($0) }) == ExactText(name)
        || Completeness.names(name, in: flat.snapshot, rules: source.rules)
    else {
      return explanation([
        IntakeFinding(name, "the control file's files do not name it", remedy: "name it there, or remove it")
      ])
    }
    return explained(flat)
  }

  /// The reason why a set waits, and how long it may: asked for one set, that belongs to the answer.
  private func explained(_ set: PendingSet) -> IntakeExplanation {
    let found = explanation(explanation(of: set))
    guard found.outcome == .waiting, set.incompleteSince != nil, !set.isSettling else { return found }
    let warning =
      source.incompleteWarn.map { "a warning is logged after \(TimeSpan.text($0))" } ?? "no warning is logged"
    let end =
      source.incompleteReject.map { "the set is rejected after \(TimeSpan.text($0))" }
      ?? "the set waits without limit"
    let limits = IntakeFinding(
      set.snapshot.name, "\(warning), and \(end) (IncompleteWarnSec=, IncompleteRejectSec=)")
    return explanation(found.findings + [limits])
  }

  private func explanation(_ findings: [IntakeFinding]) -> IntakeExplanation {
    let outcome: IntakeExplanation.Outcome =
      findings.isEmpty ? .ready : findings.contains(where: \.isFinal) ? .cannotBeTaken : .waiting
    return .init(outcome: outcome, findings: findings)
  }

  /// All that can be said now; what the last look found where only a new look could tell.
  func explanation(of set: PendingSet) -> [IntakeFinding] {
    switch judge(set, thorough: true) {
    case .waiting(let waiting): waiting.findings
    case .notASet(let finding): [finding]
    case .refused(let drop): [IntakeFinding(drop.name, drop.reason.text, isFinal: true)]
    case .complete, .needs: set.findings
    }
  }
}
