import ImportCore
import ImportSystem
import Synchronization

/// A folder as a look found it, with its files still open, so that who takes the set reads them without opening them once
/// more. A name can come to mean another file at any time: what was read counts only as long as the file that stands under
/// its name looks as it did then (docs/decisions/0013-reading-ahead.md).
public struct OpenFolder: Sendable {
  /// Files that are kept open at most, besides the folder itself.
  static let mostFiles = 16

  /// The drop directory in which it was found.
  let parent: Directory
  let directory: Directory
  /// All that was in it.
  let listing: Inspector.Listing
  let files: [String: OpenFile]
  /// What is read of it ahead.
  let reading = Reading()

  /// The reading of a folder, which is begun once, by whoever comes first.
  final class Reading: Sendable {
    private let isBegun = Atomic(false)
    private let outcome = Eventual<Result<ReadAhead?, SystemError>>()

    /// True for the first who asks: it reads then, and settles what it has read.
    func begin() -> Bool { !isBegun.exchange(true, ordering: .acquiringAndReleasing) }

    func settle(_ result: Result<ReadAhead?, SystemError>) { outcome.settle(result) }

    /// What was read; nil if that is of no use. Waits for whoever reads.
    func result() async throws(SystemError) -> ReadAhead? { try await outcome.value.get() }
  }

  /// True if the files are few and small enough to be read within the time that the disk takes for the claim.
  var isSmall: Bool { listing.reduce(0) { $0 + $1.status.identity.size } <= 256 << 10 }

  /// What a file was when it was last looked at.
  func identity(of name: String) -> ImportCore.FileIdentity? {
    listing.first { $0.name == name }?.status.identity
  }

  /// True if it holds just what was listed, wherever it stands now: no name was added, removed or replaced. Blocks.
  var isAsListed: Bool {
    guard (try? directory.rewind()) != nil, let entries = try? directory.entriesOnceWithInodes() else {
      return false
    }
    let inodes = Dictionary(listing.map { ($0.name, $0.status.identity.inode) }) { first, _ in first }
    return entries.count == inodes.count
      && entries.allSatisfy { entry in entry.name.string.flatMap { inodes[$0] } == entry.inode }
  }
}

/// What the visit that found a set complete has at hand for who takes it. Nothing depends on it.
public struct AtHand: Sendable {
  /// What a look for room found in that visit, if there was one.
  let room: RoomFinding?
  /// The set's folder, if the set is the only one.
  let folder: OpenFolder?

  init(room: RoomFinding? = nil, folder: OpenFolder? = nil) {
    self.room = room
    self.folder = folder
  }
}
