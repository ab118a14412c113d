import ImportCore
import ImportSystem

/// A set that stands in two places. Renames within one file system leave none, except where a power cut shows a file under
/// both its names (btrfs), or where somebody puts back a backup of a part of the spool.
struct SetDouble {
  let set: SetID
  /// The folder that holds the one to be removed.
  let double: Directory
  /// The folder that holds the one that stays.
  let place: Directory

  /// What the daemon itself writes beside the files.
  private static let ownNames: Set<String> = ["receipt.json", "reason.json", "REASON.txt"]

  /// Removes the set from `double` if it stands in `place` with the same bytes in each file. If anything differs nothing is
  /// touched, and the error names both folders: a person must look. Not durable before both are synced.
  func remove(for purpose: String) throws(SystemError) {
    let one = try double.openDirectory(set.text)
    let other = try place.openDirectory(set.text)
    guard try !one.ownStatus().isSameFile(as: other.ownStatus()) else {
      throw Self.error(one, other, "they are one and the same folder: check the file system")
    }
    guard try isCovered(one, by: other, leavingOut: Self.ownNames, for: purpose) else {
      throw Self.error(one, other, "they differ: move one of the two out of the spool")
    }
    try double.removeTree(set.text, for: purpose)
  }

  /// What is said where only a person can tell which of two folders is right.
  static func error(_ one: Directory, _ other: Directory, _ rest: String) -> SystemError {
    SystemError(
      call: "move", object: "'\(one.path)'", errno: 17,
      detail: "the set is also in '\(other.path)', and \(rest)")
  }

  /// True if all that is in a directory is in the other one too, and is on the disk there.
  private func isCovered(
    _ one: Directory, by other: Directory, leavingOut names: Set<String>, for purpose: String
  ) throws(SystemError) -> Bool {
    for entry in try one.entries() {
      guard let name = entry.string else { return false }
      if names.contains(name) { continue }
      guard let status = try one.status(name), let there = try other.status(name), status.kind == there.kind
      else { return false }
      switch status.kind {
      case .directory:
        let (inner, there) = (try one.openDirectory(name), try other.openDirectory(name))
        guard try isCovered(inner, by: there, leavingOut: [], for: purpose) else { return false }
      case .regular:
        let file = try other.openForReading(name, for: "claim")
        guard try one.openForReading(name, for: "claim").hasSameBytes(as: file) else { return false }
        try file.syncData(for: purpose)
      default: return false
      }
    }
    try other.sync(for: purpose)
    return true
  }
}

extension Reason {
  static func standsTwice(_ area: SpoolArea) -> Reason {
    Reason(
      "the journal does not know this set, and a set of the same id is in \(area.rawValue)/: imported from here, "
        + "it could be imported twice",
      remedy: "compare both folders, and delete this one if a copy or a backup restored it", cause: .unproven)
  }
}
