import Glibc
public import ImportCore
public import ImportSystem

/// The place of the files of a set in `work/`: beside each other in `files/`, but for a fixed control file.
public struct SetFiles: Sendable {
  public let spool: Spool
  public let set: SetID
  public let claim: Claim

  /// Takes a set that is in `work/`.
  public init(spool: Spool, set: SetID, claim: Claim) {
    self.spool = spool
    self.set = set
    self.claim = claim
  }

  /// Opens a file of the set that was read before, and says what it is now.
  public func open(_ content: ManifestFile, isControl: Bool) throws(SystemError) -> (
    file: OpenFile, status: FileStatus
  ) {
    let isFixed = isControl && claim.control == nil
    let names = isFixed ? [content.file] : [Spool.filesName, content.file]
    return try spool.openSetFile(set, names)
  }

  /// The folder that holds the control file, or the data files.
  public func directory(isControl: Bool) throws(SystemError) -> Directory {
    isControl && claim.control == nil ? try spool.openSet(set) : try spool.openSet(set, Spool.filesName)
  }

  /// The folder that holds the data files, where the control file's is open already: it is the same one, but for a fixed
  /// control file.
  public func dataDirectory(beside control: Directory) throws(SystemError) -> Directory {
    claim.control == nil ? try directory(isControl: false) : control
  }

  /// True if every file looks exactly as it did when it was read.
  public func areUnchanged(_ manifest: Manifest) throws(SystemError) -> Bool {
    let own = try directory(isControl: true)
    guard try isUnchanged(manifest.control, in: own) else { return false }
    let files = try dataDirectory(beside: own)
    for entry in manifest.files where try !isUnchanged(entry.content, in: files) { return false }
    return true
  }

  private func isUnchanged(_ content: ManifestFile, in directory: Directory) throws(SystemError) -> Bool {
    guard let status = try directory.status(content.file) else { return false }
    return ImportCore.FileIdentity(status) == content.identity
  }

  /// Grants the daemon access again to what a set brought: its owner, who may still be the exporter, can have taken the rights
  /// away after the claim. Only what belongs to the owner of the folder is touched; the files of a flat set, which lie in a
  /// folder of the daemon's, count each by itself. Blocks.
  ///
  /// - Parameter own: the set's own folder, which has `files/`.
  /// - Returns: How many entries were granted. What may not be granted is left out.
  /// - Throws: ``SystemError`` where the folder cannot be examined.
  public static func grantAccess(in own: Directory) throws(SystemError) -> Int {
    guard let files = try own.status(Spool.filesName) else { return 0 }
    var count = 0
    func grant(_ name: String, in folder: Directory, _ status: FileStatus) {
      let need: AccessNeed = status.kind == .directory ? [.read, .write, .enter] : .read
      guard [.directory, .regular].contains(status.kind), folder.rights.refusal(of: need, to: name) != nil
      else { return }
      let owner = files.owner == geteuid() ? status.owner : files.owner
      let isGranted = (try? folder.rights.grant(need, to: EntryName(name), ifOwnedBy: owner)) != nil
      if isGranted, folder.rights.refusal(of: need, to: name) == nil { count += 1 }
    }
    grant(Spool.filesName, in: own, files)
    try TreeWalk(own.openDirectory(Spool.filesName)).visit(refused: { _ in }) { entry in
      grant(entry.name, in: entry.directory, entry.status)
    }
    return count
  }
}
