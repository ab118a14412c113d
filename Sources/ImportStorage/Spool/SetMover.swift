public import ImportCore
public import ImportSystem

/// Moves the folder of a set from one area of the spool to another, or deletes it. Each call blocks, is durable on return, and
/// may be repeated after a crash.
public struct SetMover: Sendable {
  let spool: Spool

  public init(_ spool: Spool) { self.spool = spool }

  /// Moves a set to `held/` or `rejected/` with the reason beside its files, once for programs and once for people.
  /// Durable on return; repeating is harmless.
  public func file(_ delivery: Delivery, _ filed: FiledReason) throws(SystemError) {
    let area = filed.area
    try file(delivery.set, in: area) { own throws(SystemError) in
      try own.store(
        StoredJSON.bytes(of: filed), as: "reason.json", mode: 0o640, replacing: true, for: area.rawValue)
      let receipts = try own.entries().compactMap(\.string).filter { $0.hasPrefix("receipt-") }.sorted()
      let text = Array(ReasonText(filed, receipts: receipts).text.utf8)
      try own.store(text, as: "REASON.txt", mode: 0o640, replacing: true, for: area.rawValue)
    }
  }

  /// Completes a set's folder in `work/` by `complete`, then moves it, and makes both ends durable. A folder that
  /// somebody removed from `work/` is made anew, so that at least what is known of the set is kept. One that has been
  /// moved before is done with, if that was this very move, and is not left in `work/` as well.
  func file(
    _ set: SetID, in area: SpoolArea, isDone: (Directory) -> Bool = { _ in true },
    complete: (Directory) throws(SystemError) -> Void
  ) throws(SystemError) {
    let target = try spool.folder(area, for: set)
    let work = try spool.folder(.work, for: set)
    if try target.status(set.text) != nil {
      if try work.status(set.text) != nil {
        let (own, there) = (try work.openDirectory(set.text), try target.openDirectory(set.text))
        guard isDone(there) else {
          throw SetDouble.error(own, there, "it is of another import: move it away")
        }
        try SetDouble(set: set, double: work, place: target).remove(for: area.rawValue)
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
      return try work.makeDirectory(set.text, mode: Spool.mode, for: area.rawValue)
    }
  }

  private func syncBoth(_ target: Directory, _ work: Directory, _ area: SpoolArea) throws(SystemError) {
    try target.sync(for: area.rawValue)
    try work.sync(for: area.rawValue)
  }

  /// Moves a set's folder back into `work/`, without the reason or receipt of its earlier life: a receipt is kept under
  /// the time at which it was put aside. Durable on return; repeating is harmless. False if the folder is in neither
  /// place.
  public func moveBack(_ set: SetID, from place: Delivery.Place) throws(SystemError) -> Bool {
    let work = try spool.folder(.work, for: set)
    let old = try spool.existingFolder(place.area, for: set)
    let isThere = try work.status(set.text) != nil
    if let old, try old.status(set.text) != nil {
      if isThere {
        try SetDouble(set: set, double: old, place: work).remove(for: "return")
      } else {
        try old.rename(set.text, to: work, as: set.text, for: "return")
      }
      try work.sync(for: "return")
      try old.sync(for: "return")
    } else if !isThere {
      return false
    }
    let own = try work.openDirectory(set.text)
    for name in ["reason.json", "REASON.txt"] { try own.removeIfThere(name, for: "return") }
    if let receipt = try own.status("receipt.json") {
      let name = "receipt-\(receipt.modificationTime).json"
      try own.rename("receipt.json", to: own, as: name, replacing: true, for: "return")
    }
    try own.sync(for: "return")
    return true
  }

  /// Deletes the folder of a discarded set from `held/` or `rejected/`. First it is renamed out of sight, so that a crash
  /// leaves no set half there; a repetition deletes the rest. Durable on return. A folder that is gone already is no error.
  public func discard(_ set: SetID, from place: Delivery.Place) throws(SystemError) {
    guard let folder = try spool.existingFolder(place.area, for: set) else { return }
    let doomed = Self.discardedPrefix + set.text
    if try folder.status(set.text) != nil {
      // Of an earlier deletion that a crash ended: the set was dropped there again by hand.
      if try folder.status(doomed) != nil { try folder.removeTree(doomed, for: "discard") }
      try folder.rename(set.text, to: folder, as: doomed, for: "discard")
      try folder.sync(for: "discard")
    }
    if try folder.status(doomed) != nil { try folder.removeTree(doomed, for: "discard") }
    try folder.sync(for: "discard")
  }

  private static let discardedPrefix = ".discarded-"
}

extension Delivery.Place {
  /// The folder of the spool that is meant.
  public var area: SpoolArea {
    switch self {
    case .held: .held
    case .rejected: .rejected
    case .archive: .archive
    }
  }
}

extension SetMover {
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
      if !unreadable.isEmpty, try SetFiles.grantAccess(in: own) > 0 {
        unreadable = []
        others = try otherFiles(of: delivery, in: own, progress, &unreadable)
      }
      guard let receipt = Receipt(delivery, archived: now, others: others) else {
        preconditionFailure("only a scheduled set has a receipt: \(delivery.set)")
      }
      // Of an earlier life of the set.
      try own.removeIfThere(OutcomeFile.name, for: "archive")
      try own.store(
        StoredJSON.bytes(of: receipt), as: "receipt.json", mode: 0o640, replacing: true, for: "archive")
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
    do { files = try own.openDirectory(Spool.filesName) } catch  where error.isMissing {
      return []
    } catch  where error.isPermission {
      unreadable.append(error)
      return []
    }
    try TreeWalk(files).visit(refused: { unreadable.append($0) }) { entry throws(SystemError) in
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
}
