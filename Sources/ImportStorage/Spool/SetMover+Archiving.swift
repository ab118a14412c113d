public import ImportCore
public import ImportSystem

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
