/// What a set was that the server has scheduled, as far as later sets are compared with it.
public struct ScheduledSet: Hashable, Codable, Sendable {
  /// One data file.
  public struct File: Hashable, Codable, Sendable {
    /// Key of the control file's `files`.
    public var key: String
    /// SHA-256 of its bytes.
    public var sha256: SHA256Digest
    /// Size in bytes.
    public var size: Int64
  }

  /// The set.
  public var set: SetID
  /// The server that scheduled it, by its URL.
  public var server: String?
  /// When its answer was known.
  public var time: Timestamp
  /// SHA-256 of the control file.
  public var control: SHA256Digest
  /// The data files.
  public var files: [File]

  /// Takes what is worth remembering of a set that has just been scheduled; nil for one whose files were not read.
  init?(_ delivery: Delivery, at time: Timestamp) {
    guard let manifest = delivery.manifest else { return nil }
    set = delivery.set
    server = delivery.server
    self.time = time
    control = manifest.control.sha256
    files = manifest.files.map { File(key: $0.key, sha256: $0.content.sha256, size: $0.content.size) }
  }

  /// True if `manifest` stands for the same control file and the same bytes under the same keys.
  func hasSameContent(as manifest: Manifest) -> Bool {
    let digests = Dictionary(manifest.files.map { ($0.key, $0.content.sha256) }) { first, _ in first }
    return control == manifest.control.sha256 && files.count == digests.count
      && files.allSatisfy { digests[$0.key] == $0.sha256 }
  }
}

/// What is known of a source beyond the sets that are on their way: what later ones are compared with, and when the last
/// one came. It stands in the journal, so neither a restart nor the pruning of the archive forgets it.
public struct SourceHistory: Hashable, Codable, Sendable {
  /// The last set that was scheduled as a dry run.
  public internal(set) var lastDryRun: ScheduledSet?
  /// The last set that was scheduled for a real import.
  public internal(set) var lastImport: ScheduledSet?
  /// When the last set was taken.
  public internal(set) var arrived: Timestamp?
  /// From when the next set is waited for, if that is later: the source was resumed, or first expected to send, then.
  public internal(set) var awaitedSince: Timestamp?
  /// The alarm about no set having come, while it stands.
  public internal(set) var silence: Silence?

  /// Begins with nothing.
  public init() {}

  /// The last scheduled set of a mode.
  public func last(_ mode: ImportMode) -> ScheduledSet? { mode == .import ? lastImport : lastDryRun }
}

extension SourceHistory {
  /// Takes in what happened to a set of this source; `before` and `after` are the set itself. Throws, and changes
  /// nothing, if it was skipped for another set than the last one.
  mutating func apply(
    _ event: DeliveryEvent, before: Delivery, after: Delivery, at time: Timestamp
  ) throws(Contradiction) {
    switch (event, before.stage) {
    case (.claimed, _): noteArrival(at: time)
    case (.scheduled, .inDoubt(_, .import)): lastImport = ScheduledSet(after, at: time) ?? lastImport
    case (.scheduled, .inDoubt(_, .dryRun)): lastDryRun = ScheduledSet(after, at: time) ?? lastDryRun
    // Somebody did not want what the dry run showed: the same bytes, dropped again, are to be seen again.
    case (.rejected, .awaitingApproval) where lastDryRun?.set == after.set: lastDryRun = nil
    case (.skipped(let other, let mode), _) where last(mode)?.set != other:
      throw Contradiction("set \(after.set): skipped for \(other), which is not the last one scheduled")
    default: break
    }
  }
}

extension DeliveryEvent {
  /// True for what changes the memory of a source, or has to agree with it.
  var isRemembered: Bool {
    switch self {
    case .claimed, .scheduled, .rejected, .skipped: true
    default: false
    }
  }
}
