import ImportCore
import ImportSystem
import Synchronization

/// An empty folder that waits for the next set of a source, in the spool's `.spare/`. To make a folder takes the file system longer
/// than anything else that it does for a set, and the disk's answer to the record of the claim comes later meanwhile; so it is
/// made when a set is on its way, and is only renamed for the next one. Nothing depends on it: where there is none, or it cannot be had, a
/// folder is made. What a crash leaves is used by the next run.
final class SpareFolder: Sendable {
  /// Name of the folder in the spool directory that holds one for each source.
  static let area = ".spare"

  /// An empty folder.
  private struct Spare {
    /// Where it is.
    let place: Directory
    let own: Directory
    let status: FileStatus
    /// Where it will go: the folder of the source's sets in `work/`.
    let work: Directory
  }

  let source: SourceName
  /// The folder that is ready, and `.spare/`, which stays open.
  private let state = Mutex<(spare: Spare?, place: Directory?)>((nil, nil))

  init(of source: SourceName) { self.source = source }

  /// Makes the folder, if there is none. Blocks. Not durable: if a power cut takes it away, it is not missed.
  func make(in spool: Spool, for work: Directory) {
    let (spare, known) = state.withLock { $0 }
    guard spare == nil else { return }
    do throws(SystemError) {
      let place =
        if let known { known } else {
          try spool.root.openOrMakeDirectory(Self.area, mode: Spool.mode, for: "spare")
        }
      guard let (own, status) = try folder(in: place) else { return }
      state.withLock { $0 = (Spare(place: place, own: own, status: status, work: work), place) }
    } catch {
      // As for want of room, which the next claim will meet and tell of.
      state.withLock { $0.place = nil }
    }
  }

  /// Moves the folder to where a set's own is to stand; returns it, and the one that it is in. Nil if there is none, or what stands
  /// there then is not what was made. Blocks.
  func take(for set: SetID) -> (own: Directory, work: Directory)? {
    guard let spare = state.withLock({ $0.spare.take() }) else { return nil }
    do throws(SystemError) {
      try spare.place.renameDirectory(source.text, to: spare.work, as: set.text, for: "claim")
      let own = spare.own.moved(to: spare.work.path(of: set.text))
      return try own.isAtItsPath(known: spare.status) ? (own, spare.work) : nil
    } catch {
      return nil  // somebody has tidied up
    }
  }

  /// The folder; nil if somebody has put something into the one that is there.
  private func folder(in place: Directory) throws(SystemError) -> (Directory, FileStatus)? {
    do {
      return try place.makeDirectoryKnown(source.text, mode: Spool.mode, for: "spare")
    } catch  where error.exists {
      let left = try place.openDirectory(source.text, for: "spare")
      return try left.entriesOnce().isEmpty ? (left, left.ownStatus()) : nil
    }
  }
}
