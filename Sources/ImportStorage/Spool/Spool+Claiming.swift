public import ImportCore
public import ImportSystem

/// What became of a claim.
public enum ClaimOutcome: Sendable, Hashable {
  /// All files stand in `work/`.
  case taken
  /// Nothing was renamed and nothing will be: what was judged is not there any more.
  case withdrawn(String)
  /// A part was taken, and what should follow was replaced meanwhile: a person must look.
  case torn(Reason)
}

extension ClaimOutcome {
  /// What is recorded of it.
  public var event: DeliveryEvent {
    switch self {
    case .taken: .claimed
    case .withdrawn(let reason): .claimWithdrawn(reason: reason)
    case .torn(let reason): .held(reason: reason)
    }
  }
}

extension Spool {
  /// Takes a folder as `files` into the set's own, of which `isNew` says that nothing can be in it. `parents` lead to the set's
  /// own folder, innermost first; they are synced before an original is removed.
  func takeFolder(
    _ claim: Claim, from drop: Directory, into own: Directory, below parents: [Directory], isNew: Bool,
    _ progress: WorkProgress
  ) throws(SystemError) -> ClaimOutcome {
    guard let item = claim.items.first else { return .withdrawn("the claim names nothing") }
    let isThere = try isNew ? false : own.status(Self.filesName) != nil
    if isThere {
      try removeLeftover(of: item, in: own.openDirectory(Self.filesName), below: [own] + parents, from: drop)
      return .taken
    }
    guard let found = try drop.status(item.name) else {
      return .withdrawn("the folder is not there any more")
    }
    guard found.isSameFile(as: item.identity), found.kind == .directory else {
      return .withdrawn("another folder is in its place")
    }
    do {
      try drop.rename(item.name, to: own, as: Self.filesName, for: "claim")
    } catch  where error.crossesFileSystems {
      if let problem = try copyFolder(item, from: drop, into: own, below: parents, progress) {
        return .withdrawn(problem)
      }
    }
    return .taken
  }

  /// Takes the files of a flat set. `parents` lead to `files`, innermost first; they are synced before an original is removed.
  func takeFiles(
    _ claim: Claim, from drop: Directory, into files: Directory, below parents: [Directory],
    _ progress: WorkProgress
  ) throws(SystemError) -> ClaimOutcome {
    for (index, item) in claim.items.enumerated() {
      do {
        guard let problem = try takeFile(item, from: drop, into: files, below: parents) else { continue }
        return index == 0 ? .withdrawn(problem) : .torn(.claimTorn(item.name, problem))
      } catch  where error.crossesFileSystems {
        var rest: [Claim.Item] = []
        for item in claim.items[index...] where try files.status(item.name) == nil { rest.append(item) }
        guard let problem = try copyFiles(rest[...], from: drop, into: files, below: parents, progress) else {
          continue
        }
        return index == 0 ? .withdrawn(problem) : .torn(.claimTorn(item.name, problem))
      }
    }
    try discardCopy(in: files)
    return .taken
  }

  /// Takes one file by renaming it; returns what stands in the way.
  private func takeFile(
    _ item: Claim.Item, from drop: Directory, into files: Directory, below parents: [Directory]
  ) throws(SystemError) -> String? {
    if let there = try files.status(item.name) {
      try removeLeftover(of: item, whereTaken: there, in: files, below: parents, from: drop)
      return nil
    }
    guard let found = try drop.status(item.name) else { return "'\(item.name)' is not there any more" }
    guard found.isCore(item.identity), found.changeTime == item.identity.changed else {
      return "'\(item.name)' was replaced or changed during the claim"
    }
    try drop.rename(item.name, to: files, as: item.name, for: "claim")
    guard let moved = try files.status(item.name), moved.isCore(item.identity) else {
      return "'\(item.name)' was replaced at the moment of the claim"
    }
    return nil
  }

  /// Takes back what was prepared for a set that will not be.
  func forget(_ set: SetID, own: Directory, in work: Directory) throws(SystemError) {
    if try own.status(Self.filesName) != nil { try own.removeDirectory(Self.filesName, for: "claim") }
    try removeUntaken(set, own: own, in: work)
  }
}

extension FileStatus {
  /// True if this is the file that was judged, as far as a rename leaves it: the ctime is not compared.
  func isCore(_ identity: ImportCore.FileIdentity) -> Bool {
    ImportCore.FileIdentity(self).isSameBeforeRename(as: identity)
  }

  /// True if this, found under the same path, is the folder that was judged, whatever was done to it meanwhile. The
  /// device number is not compared: it can be another one after the machine has been started again.
  public func isSameFile(as identity: ImportCore.FileIdentity) -> Bool { inode == identity.inode }
}

extension ImportCore.FileIdentity {
  /// Takes over what the system floor found.
  public init(_ status: FileStatus) {
    self.init(
      device: status.device, inode: status.inode, size: status.size, modified: status.modificationTime,
      changed: status.changeTime)
  }
}

extension Reason {
  static func claimTorn(_ name: String, _ problem: String) -> Reason {
    Reason(
      problem,
      remedy:
        "the files claimed before '\(name)' are in files/; drop the complete set again, and let the exporting system "
        + "write it elsewhere and move it into the drop directory")
  }
}
