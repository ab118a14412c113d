public import ImportCore
public import ImportSystem
import Synchronization

/// The folders in which a set can stand after it was dropped. At every moment a set's files are in exactly one of
/// them (or still in the drop directory).
public enum SpoolArea: String, Sendable, CaseIterable {
  case work, held, rejected, archive
}

/// The spool directory: `drop/ work/ held/ rejected/ archive/`, each with a folder per source. All its calls may block: they
/// are made on a worker.
public struct Spool: Sendable {
  /// Mode of the folders that this program makes: for the daemon, its group to look, nobody else.
  public static let mode: UInt32 = 0o750
  /// Name of the folder inside a set's own in which the dropped files stand under the names they had.
  public static let filesName = "files"
  /// Name of a fixed control file's copy, beside `files/`.
  public static let fixedControlName = "control.json"

  /// The spool directory itself.
  public let root: Directory

  private let durable = DurableFolders()

  /// Opens the spool at `path`, making it and the areas that are missing, durably.
  public init(path: String, fileSystem: FileSystem) throws(SystemError) {
    root = try fileSystem.openOrMakeDirectory(path, mode: Self.mode, for: "spool")
    for area in SpoolArea.allCases {
      _ = try root.openOrMakeDirectory(area.rawValue, mode: Self.mode, for: "spool")
    }
  }

  /// Opens the folder that holds the sets of one source in one area, making it if it is missing; its name is durable on
  /// return. In the archive that is the folder of the set's day (UTC).
  func folder(_ area: SpoolArea, for set: SetID) throws(SystemError) -> Directory {
    let names = Self.components(area, for: set)
    if durable.contains(names) {
      do { return try root.openDirectory(along: names, for: area.rawValue) } catch  where error.isMissing {}
    }
    let folder = try root.openOrMakeDirectories(names, mode: Self.mode, for: area.rawValue)
    durable.insert(names)
    return folder
  }

  /// Opens the same folder only if it is there.
  public func existingFolder(_ area: SpoolArea, for set: SetID) throws(SystemError) -> Directory? {
    do { return try root.openDirectory(along: Self.components(area, for: set)) } catch  where error.isMissing
    { return nil }
  }

  /// Opens a set's own folder in `work/`, or, with `names`, a folder in it.
  public func openSet(_ set: SetID, _ names: String...) throws(SystemError) -> Directory {
    try root.openDirectory(along: Self.components(.work, for: set) + [set.text] + names)
  }

  /// Opens a file in a set's own folder in `work/`, which was seen to be a regular one, and says what it is now.
  func openSetFile(_ set: SetID, _ names: [String]) throws(SystemError) -> (
    file: OpenFile, status: FileStatus
  ) {
    try root.openForReading(along: Self.components(.work, for: set) + [set.text] + names, for: "send")
  }

  /// The path at which a set stands in an area.
  public func path(_ area: SpoolArea, of set: SetID) -> String {
    Self.path(in: root.path, area, of: set)
  }

  /// The same for a spool that is not open.
  public static func path(in root: String, _ area: SpoolArea, of set: SetID) -> String {
    ([root] + components(area, for: set) + [set.text]).joined(separator: "/")
  }

  private static func components(_ area: SpoolArea, for set: SetID) -> [String] {
    let base = [area.rawValue, set.source.text]
    guard area == .archive else { return base }
    let date = set.archiveDate
    return base + [date.year, date.month, date.day]
  }

  /// Reads the control file that a source's configuration names (`ControlFile=`).
  public func readFixedControl(_ path: String) throws(SystemError) -> [UInt8] {
    try root.fileSystem.openFile(path, for: "claim").readAll(atMost: ControlFile.largest)
  }

  /// True if a set's folder is in an area.
  public func hasFolder(of set: SetID, in area: SpoolArea) throws(SystemError) -> Bool {
    try existingFolder(area, for: set)?.status(set.text) != nil
  }

  /// Where else in the spool a set of this name stands than in `work/`; nil if nowhere.
  func otherPlace(of set: SetID) throws(SystemError) -> SpoolArea? {
    for area in [SpoolArea.archive, .held, .rejected] where try hasFolder(of: set, in: area) { return area }
    return nil
  }

  /// Opens the folder of a set, wherever in the spool it is; nil if it is gone.
  public func ownFolder(of set: SetID) throws(SystemError) -> Directory? {
    // Twice, for a set that moves meanwhile may be seen in neither place.
    for area in [SpoolArea.archive, .work, .held, .rejected, .archive, .work] {
      guard let folder = try existingFolder(area, for: set), try folder.status(set.text) != nil else {
        continue
      }
      do { return try folder.openDirectory(set.text) } catch  where error.isMissing { continue }
    }
    return nil
  }

  /// Takes one claim as ``ClaimSession/take(_:as:fixedControl:_:)`` does. Durable on return.
  public func claim(
    _ claim: Claim, as set: SetID, fixedControl: [UInt8]?, _ progress: WorkProgress = .unwatched
  ) throws(SystemError) -> ClaimOutcome {
    var session = ClaimSession(self)
    let outcome = try session.take(claim, as: set, fixedControl: fixedControl, progress)
    try session.sync()
    return outcome
  }

  /// Takes back what was prepared for a set that will not be.
  func forget(_ set: SetID, own: Directory, in work: Directory) throws(SystemError) {
    if try own.status(Self.filesName) != nil { try own.removeDirectory(Self.filesName, for: "claim") }
    try removeUntaken(set, own: own, in: work)
  }

  /// Removes a set's folder in `work/` of which nothing was taken. Whatever else stands in it stays there: it is none of
  /// ours, and no reason not to go on.
  func removeUntaken(_ set: SetID, own: Directory, in work: Directory) throws(SystemError) {
    try own.discardTemporary(of: Self.fixedControlName, for: "claim")
    try own.removeIfThere(Self.fixedControlName, for: "claim")
    do { try work.removeDirectory(set.text, for: "claim") } catch  where error.isNotEmpty {}
  }

  /// Removes `.spare/`, in which versions before 0.2 prepared an empty folder for each source. A folder in which somebody
  /// has put something stays.
  public func removeSpareFolders() {
    guard let spare = try? root.openDirectory(".spare"), let names = try? spare.entries() else { return }
    for name in names.compactMap(\.string) { try? spare.removeDirectory(name, for: "start") }
    try? root.removeDirectory(".spare", for: "start")
  }
}

/// The folders of the spool whose names this process has synced: of each source and area the last one, so that a new day of the
/// archive replaces the day before.
private final class DurableFolders: Sendable {
  private let last = Mutex<[ArraySlice<String>: [String]]>([:])

  /// True if the folder that `names` lead to was synced by this process. It may have been removed since.
  func contains(_ names: [String]) -> Bool {
    last.withLock { $0[names.prefix(2)] == names }
  }

  /// Remembers that the names of this folder, and of those that lead to it, are durable.
  func insert(_ names: [String]) {
    last.withLock { $0[names.prefix(2)] = names }
  }
}
