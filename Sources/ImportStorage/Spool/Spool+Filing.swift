import FoundationEssentials
public import ImportCore
public import ImportSystem

/// Why a set is held or was rejected, as programs read it (`reason.json`).
public struct FiledReason: Codable, Hashable, Sendable {
  /// The set.
  public var set: SetID
  /// Its source.
  public var source: SourceName
  /// Folder or control file name it was dropped under.
  public var name: String
  /// `held` or `rejected`.
  public var state: SetState
  /// Why.
  public var reason: Reason
  /// When that was decided.
  public var time: Timestamp
  /// The control file and data files, if they were read.
  public var manifest: Manifest?
  /// The batch that may have been scheduled, for a held set that is in doubt.
  public var batchInDoubt: BatchID?
  /// Batches that were created and never scheduled.
  public var orphanedBatches: [BatchID]
  /// Tries in all.
  public var attempts: Int
}

extension FiledReason {
  /// Describes why a set leaves the queue at `now`.
  public init(_ delivery: Delivery, as state: SetState, _ reason: Reason, at now: Timestamp) {
    self.init(
      set: delivery.set, source: delivery.source, name: delivery.claim.name, state: state, reason: reason,
      time: now, manifest: delivery.manifest, batchInDoubt: delivery.heldInDoubt,
      orphanedBatches: delivery.orphans, attempts: delivery.attempts)
  }

  /// Where its folder goes.
  public var area: SpoolArea { state == .held ? .held : .rejected }
}

extension Spool {
  /// Moves a scheduled set from `work/` into the archive with its receipt beside its files. Durable on return.
  /// Repeating is harmless: a set that stands there already is left as it is.
  ///
  /// - Returns: why files that were not sent cannot be read, and are not in the receipt; mostly nothing.
  public func archive(_ delivery: Delivery, at now: Timestamp, _ progress: WorkProgress = .unwatched)
    throws(SystemError) -> [SystemError]
  {
    var unreadable: [SystemError] = []
    let batch = Receipt(delivery, archived: now)?.batch
    try file(delivery.set, in: .archive) {
      ArchivedSet.receipt(in: $0)?.batch == batch
    } complete: {
      own throws(SystemError) in
      var others = try otherFiles(of: delivery, in: own, progress, &unreadable)
      if !unreadable.isEmpty, try grantAccess(toFilesIn: own) > 0 {
        unreadable = []
        others = try otherFiles(of: delivery, in: own, progress, &unreadable)
      }
      guard let receipt = Receipt(delivery, archived: now, others: others) else {
        preconditionFailure("only a scheduled set has a receipt: \(delivery.set)")
      }
      // Of an earlier life of the set.
      try own.removeIfThere(Self.outcomeName, for: "archive")
      try own.store(Self.encoded(receipt), as: "receipt.json", mode: 0o640, replacing: true, for: "archive")
    }
    return unreadable
  }

  /// Reads the files that were dropped with the set and not sent, so that the receipt covers all of `files/`. The exporter
  /// may still own them, and can have taken away the right to read them.
  private func otherFiles(
    of delivery: Delivery, in own: Directory, _ progress: WorkProgress, _ unreadable: inout [SystemError]
  ) throws(SystemError) -> [ManifestFile] {
    var sent = Set(delivery.manifest?.files.map { ExactText($0.content.file) } ?? [])
    if let control = delivery.claim.control { sent.insert(ExactText(control)) }
    var others: [ManifestFile] = []
    let files: Directory
    do { files = try own.openDirectory(Self.filesName) } catch  where error.isMissing {
      return []
    } catch  where error.isPermission {
      unreadable.append(error)
      return []
    }
    try files.visitTree(refused: { unreadable.append($0) }) { entry throws(SystemError) in
      guard entry.status.kind == .regular, !sent.contains(ExactText(entry.path)) else { return }
      do throws(SystemError) {
        let (digest, size) = try entry.directory.openForReading(entry.name).sha256(progress)
        others.append(
          ManifestFile(
            file: entry.path, size: size, sha256: SHA256Digest(bytes: digest),
            identity: ImportCore.FileIdentity(entry.status)))
      } catch  where error.isPermission {
        unreadable.append(error)
      }
    }
    return others.sorted { ExactText($0.file) < ExactText($1.file) }
  }

  /// Moves a set to `held/` or `rejected/` with the reason beside its files, once for programs and once for people.
  /// Durable on return; repeating is harmless.
  public func file(_ delivery: Delivery, _ filed: FiledReason) throws(SystemError) {
    let area = filed.area
    try file(delivery.set, in: area) { own throws(SystemError) in
      try own.store(Self.encoded(filed), as: "reason.json", mode: 0o640, replacing: true, for: area.rawValue)
      let text = Array(ReasonText(filed).text.utf8)
      try own.store(text, as: "REASON.txt", mode: 0o640, replacing: true, for: area.rawValue)
    }
  }

  /// Completes a set's folder in `work/` by `complete`, then moves it, and makes both ends durable. A folder that
  /// somebody removed from `work/` is made anew, so that at least what is known of the set is kept. One that has been
  /// moved before is done with, if that was this very move, and is not left in `work/` as well.
  private func file(
    _ set: SetID, in area: SpoolArea, isDone: (Directory) -> Bool = { _ in true },
    complete: (Directory) throws(SystemError) -> Void
  ) throws(SystemError) {
    let target = try folder(area, for: set)
    let work = try folder(.work, for: set)
    if try target.status(set.text) != nil {
      if try work.status(set.text) != nil {
        let (own, there) = (try work.openDirectory(set.text), try target.openDirectory(set.text))
        guard isDone(there) else { throw Self.isTwice(own, there, "it is of another import: move it away") }
        try removeDouble(of: set, in: work, standingIn: target, for: area.rawValue)
      }
      return try syncBoth(target, work, area)
    }
    try complete(openToFile(set, in: work, area))
    do {
      try work.rename(set.text, to: target, as: set.text, for: area.rawValue)
    } catch  where error.crossesFileSystems {
      throw SystemError(
        call: error.call, object: error.object, errno: error.errno,
        detail: "work/, held/, rejected/ and archive/ must be on one file system")
    }
    try syncBoth(target, work, area)
  }

  /// Opens a set's folder in `work/`, or one that takes its place.
  private func openToFile(_ set: SetID, in work: Directory, _ area: SpoolArea) throws(SystemError)
    -> Directory
  {
    do {
      return try work.openDirectory(set.text)
    } catch  where error.isMissing {
      // A set that a person rejects may have been held.
      if area == .rejected, try moveBack(set, from: .held) { return try work.openDirectory(set.text) }
      return try work.makeDirectory(set.text, mode: Self.mode, for: area.rawValue)
    }
  }

  private func syncBoth(_ target: Directory, _ work: Directory, _ area: SpoolArea) throws(SystemError) {
    try target.sync(for: area.rawValue)
    try work.sync(for: area.rawValue)
  }

  public static func encoded(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else { preconditionFailure("every receipt can be encoded") }
    return Array(data) + [UInt8(ascii: "\n")]
  }
}
