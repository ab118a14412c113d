import ImportCore
import ImportSystem

/// Across file systems nothing can be renamed: the files are copied under a temporary name, verified and synced,
/// put in place, and only then removed where they were. A crash in between leaves either no copy or a whole one.
extension Spool {
  private static let temporaryName = ".files.new"

  /// Copies a folder (its files, which is all that a set has) and then removes the original.
  func copyFolder(_ name: String, from drop: Directory, into own: Directory) throws(SystemError) {
    let original = try drop.openDirectory(name, for: "claim")
    try discardCopy(in: own)
    let copy = try own.makeDirectory(Self.temporaryName, mode: Self.mode, for: "claim")
    let names = try original.entries().compactMap(\.string)
    for file in names { try copyVerified(file, from: original, into: copy, as: file) }
    try copy.sync(for: "claim")
    try own.rename(Self.temporaryName, to: own, as: Self.filesName, for: "claim")
    try own.sync(for: "claim")
    for file in names { try original.unlink(file, for: "claim") }
    try drop.removeDirectory(name, for: "claim")
  }

  /// Copies one file and then removes the original.
  func copyFile(_ name: String, from drop: Directory, into files: Directory) throws(SystemError) {
    let temporary = ".\(name).new"
    try files.removeIfThere(temporary, for: "claim")
    try copyVerified(name, from: drop, into: files, as: temporary)
    try files.rename(temporary, to: files, as: name, for: "claim")
    try files.sync(for: "claim")
    try drop.unlink(name, for: "claim")
  }

  /// Removes the original of a file that was taken before a crash, if it is still there: a copy leaves it for a
  /// moment, and a power cut can bring back a renamed one. A file that was dropped since is another one and stays.
  func removeLeftover(
    of item: Claim.Item, whereTaken there: FileStatus, in files: Directory, from drop: Directory
  ) throws(SystemError) {
    guard let found = try drop.status(item.name), found.isCore(item.identity) else { return }
    var isSame = there.isCore(item.identity)
    if !isSame { isSame = try hasSameBytes(item.name, drop, files) }
    if isSame { try drop.unlink(item.name, for: "claim") }
  }

  /// The same for a folder that was copied: what is in it goes file by file, only where the copy has the same bytes.
  /// A folder that was renamed and that a power cut shows in both places is one and the same, and stays as it is.
  func removeLeftover(of item: Claim.Item, in files: Directory, from drop: Directory) throws(SystemError) {
    guard let found = try drop.status(item.name), found.isSameFile(as: item.identity),
      found.kind == .directory, try !files.ownStatus().isSameFile(as: found)
    else { return }
    let original = try drop.openDirectory(item.name, for: "claim")
    let names = try original.entries().compactMap(\.string)
    for name in names where try hasSameBytes(name, original, files) {
      try original.unlink(name, for: "claim")
    }
    do { try drop.removeDirectory(item.name, for: "claim") } catch  where error.isNotEmpty {}
  }

  /// True if both directories have a file of this name with the same bytes.
  func hasSameBytes(_ name: String, _ one: Directory, _ other: Directory) throws(SystemError) -> Bool {
    guard try other.status(name) != nil else { return false }
    let left = try one.openForReading(name, for: "claim").sha256 { false }
    let right = try other.openForReading(name, for: "claim").sha256 { false }
    return left.digest == right.digest
  }

  private func copyVerified(
    _ name: String, from: Directory, into target: Directory, as newName: String
  ) throws(SystemError) {
    let original = try from.openForReading(name, for: "claim")
    let digest = try target.copy(original, as: newName, mode: 0o640, for: "claim")
    let copied = try target.openForReading(newName, for: "claim").sha256 { false }.digest
    guard digest == copied else {
      throw SystemError(
        call: "copy", object: "'\(original.path)'", errno: 5, detail: "the copy has other bytes")
    }
  }

  /// Removes a copy that a crash left half-made.
  private func discardCopy(in own: Directory) throws(SystemError) {
    guard try own.status(Self.temporaryName) != nil else { return }
    let copy = try own.openDirectory(Self.temporaryName, for: "claim")
    for name in try copy.entries().compactMap(\.string) { try copy.unlink(name, for: "claim") }
    try own.removeDirectory(Self.temporaryName, for: "claim")
  }
}
