import ImportCore
public import ImportSystem

/// A folder in a drop directory in which a set is put together: its name is hidden and ends in `.part`, so the daemon never
/// claims it. A lock on it says that the process which made it still works on it.
final class DropStaging {
  private static let prefix = ".drop-"
  private static let suffix = ".part"
  private static let purpose = "drop"

  let folder: Directory
  private let parent: Directory
  private let name: String
  private let lock: DirectoryLock

  /// Makes the folder, open to the drop directory's group whatever the umask.
  static func make(in parent: Directory) throws(SystemError) -> DropStaging {
    while true {
      let name = "\(prefix)\(randomText())\(suffix)"
      let folder = try parent.openOrMakeGroupDirectory(name, for: purpose)
      // Another process may have taken the new folder for a leftover just before it was locked.
      switch try DirectoryLock.take(folder) {
      case .taken(let lock):
        if try folder.isAtItsPath() {
          return DropStaging(folder: folder, parent: parent, name: name, lock: lock)
        }
      case .busy: break
      }
    }
  }

  /// Removes folders that killed processes left, as far as this user may.
  static func removeLeftovers(in parent: Directory) throws(SystemError) {
    for name in try parent.entries().compactMap(\.string)
    where name.hasPrefix(prefix) && name.hasSuffix(suffix) {
      // Another user's cannot be opened or removed, and does no harm.
      do { try removeLeftover(name, in: parent) } catch  where !error.isCancelled {}
    }
  }

  private static func removeLeftover(_ name: String, in parent: Directory) throws(SystemError) {
    switch try DirectoryLock.take(parent.openDirectory(name, for: purpose)) {
    case .taken: try parent.removeTree(name, for: purpose)
    case .busy: break
    }
  }

  private init(folder: Directory, parent: Directory, name: String, lock: consuming DirectoryLock) {
    self.folder = folder
    self.parent = parent
    self.name = name
    self.lock = lock
  }

  /// Gives the folder the name of the set, durably, unless the name is taken (EEXIST).
  func place(as setName: String) throws(SystemError) {
    try parent.rename(name, to: parent, as: setName, replacing: false, for: Self.purpose)
    try parent.sync(for: Self.purpose)
  }

  /// Removes the folder with all that is in it.
  /// - Parameter fileSystem: does so even if the one that made the folder refuses everything by now.
  func remove(_ fileSystem: FileSystem) {
    guard let directory = try? fileSystem.openDirectory(parent.path, for: Self.purpose) else { return }
    try? directory.removeTree(name, for: Self.purpose)
  }

  private static func randomText() -> String {
    String(UInt64.random(in: 0...UInt64.max), radix: 36)
  }
}

/// Why a set was not dropped. Nothing of it is in the drop directory then.
public enum DropFailure: Error {
  /// The paths cannot mean one set.
  case notOneSet(String)
  /// There is no such path.
  case noSuchPath(String)
  /// The set has errors, as `check` finds them; warnings are among the findings.
  case invalid([FileFinding])
  /// The set's name is no name for a set.
  case unusableName(String)
  /// The drop directory has an entry of this path.
  case nameTaken(String)
  /// The source's drop directory is missing.
  case noDropDirectory(String)
  /// This user may not write to the drop directory, which belongs to a user and a group.
  case notPermitted(SystemError, owner: String, group: String)
  /// A file was changed while it was copied.
  case changed(String)
  /// A signal came.
  case interrupted
  case system(SystemError)

  init(_ error: SystemError) { self = error.isCancelled ? .interrupted : .system(error) }
}
