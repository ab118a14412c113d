public import ImportCore
public import ImportSystem

/// Takes sets out of their drop directories, one after another, and makes all of that durable together. What it has opened
/// stays open until then. Every method blocks and belongs on a worker.
public struct ClaimSession {
  /// Sets of one session at most: each keeps a directory open.
  public static let mostSets = 32

  private let spool: Spool
  private var drops: [String: Directory] = [:]
  private var works: [SourceName: Directory] = [:]
  /// What has to be synced of the sets that were taken.
  private var taken: [Directory] = []

  public init(_ spool: Spool) { self.spool = spool }

  /// Takes the files of a claim, or finishes taking them after a crash: each is renamed only if it is still the one that was
  /// judged, and nothing is ever renamed back. Not durable before ``sync()``. `fixedControl` is the content of a control
  /// file that does not come with the set.
  public mutating func take(
    _ claim: Claim, as set: SetID, fixedControl: [UInt8]?, _ progress: WorkProgress = .unwatched
  ) throws(SystemError) -> ClaimOutcome {
    let drop = try drop(claim.directory)
    let work = try work(set)
    let (own, isNew) = try work.openOrEnter(set.text)
    let hasFixed = try isNew ? false : own.status(Spool.fixedControlName) != nil
    if claim.control == nil, let fixedControl, !hasFixed {
      try own.store(fixedControl, as: Spool.fixedControlName, mode: 0o640, replacing: false, for: "claim")
    }
    let files = claim.form == .flat ? try own.openOrEnter(Spool.filesName).directory : nil
    let transfer = SetTransfer(claim: claim, drop: drop, own: own, work: work, progress: progress)
    let outcome =
      if let files { try transfer.takeFiles(into: files) } else { try transfer.takeFolder(isNew: isNew) }
    // The half-made copy that a crash has left, if the originals were changed or lost since.
    if outcome != .taken { try (files ?? own).discardCopy() }
    switch outcome {
    case .taken, .torn: taken += [files, own].compactMap(\.self)
    case .withdrawn: try spool.forget(set, own: own, in: work)
    }
    return outcome
  }

  /// Makes what was taken durable: first where the files are now, then where they were.
  public func sync() throws(SystemError) {
    guard !taken.isEmpty else { return }
    for directory in taken + works.values + drops.values { try directory.sync(for: "claim") }
  }

  private mutating func drop(_ path: String) throws(SystemError) -> Directory {
    if let drop = drops[path] { return drop }
    let drop = try spool.root.fileSystem.openDirectory(path, for: "claim")
    drops[path] = drop
    return drop
  }

  private mutating func work(_ set: SetID) throws(SystemError) -> Directory {
    if let work = works[set.source] { return work }
    let work = try spool.folder(.work, for: set)
    works[set.source] = work
    return work
  }
}

extension Directory {
  /// Opens a directory in this one, making it if it is missing; made durable together with the claim.
  fileprivate func openOrEnter(_ name: String) throws(SystemError) -> (directory: Directory, isNew: Bool) {
    do {
      return (try makeDirectory(name, mode: Spool.mode, for: "claim"), true)
    } catch  where error.exists {
      return (try openDirectory(name, for: "claim"), false)
    }
  }
}

/// The result of a claim.
public enum ClaimOutcome: Sendable, Hashable {
  /// All files stand in `work/`.
  case taken
  /// Nothing was renamed and nothing will be: what was judged is not there any more.
  case withdrawn(String)
  /// A part was taken, and what should follow was replaced meanwhile: a person must look.
  case torn(Reason)
}

extension ClaimOutcome {
  /// True if the set is where it was.
  public var isWithdrawn: Bool { if case .withdrawn = self { true } else { false } }

  /// The event that records it.
  public var event: DeliveryEvent {
    switch self {
    case .taken: .claimed
    case .withdrawn(let reason): .claimWithdrawn(reason: reason)
    case .torn(let reason): .held(reason: reason)
    }
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
