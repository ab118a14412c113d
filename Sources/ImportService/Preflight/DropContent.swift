import ImportCore
import ImportSystem

/// The files of a set that is to be dropped, where they are before that.
struct DropContent {
  /// One file.
  struct Item {
    /// The path in the set, of which all but the last component are folders.
    let components: [String]
    /// The path that people know it by.
    let shown: String
    /// The directory that holds it.
    let directory: Directory

    var path: String { components.joined(separator: "/") }
    var name: String { components[components.count - 1] }
  }

  /// The path that people know the set by.
  let shown: String
  /// What the paths in it begin with for people, if it is a folder.
  private let prefix: String?
  private(set) var items: [Item] = []
  /// Entries that no set can have.
  private(set) var findings: [FileFinding] = []

  /// Lists a folder, all below it included. Litter is left out, as the daemon ignores it.
  init(folder: Directory, shown: String) throws(SystemError) {
    self.shown = shown
    let prefix = shown.hasSuffix("/") ? shown : shown + "/"
    self.prefix = prefix
    try collect(folder, [], prefix)
    items.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  /// Takes single files, each with the path that people know it by.
  init(files: [(directory: Directory, name: String, shown: String)]) {
    shown = files.first?.shown ?? ""
    prefix = nil
    items = files.map { Item(components: [$0.name], shown: $0.shown, directory: $0.directory) }
  }

  /// A path in the set as people know it; the set's own for one that they do not know.
  func shown(of path: String) -> String {
    if let item = items.first(where: { ExactText($0.path) == ExactText(path) }) { return item.shown }
    guard let prefix, !path.isEmpty else { return shown }
    return prefix + path
  }

  private mutating func collect(_ folder: Directory, _ parents: [String], _ prefix: String)
    throws(SystemError)
  {
    for entry in try folder.entriesOnce() where !Litter.isLitter(entry.bytes) {
      guard let name = entry.string else {
        note(prefix + entry.description, "its name is not UTF-8; rename it")
        continue
      }
      guard let status = try folder.status(name) else { continue }
      if DropName.isTemporary(name) {
        note(prefix + name, "a temporary name: a set with it is never picked up; rename or remove it")
      } else if status.kind == .directory {
        try collect(try folder.openDirectory(name, for: "drop"), parents + [name], prefix + name + "/")
      } else {
        items.append(Item(components: parents + [name], shown: prefix + name, directory: folder))
      }
    }
  }

  private mutating func note(_ path: String, _ text: String) {
    guard findings.count < ValidationFindings.limit else { return }
    findings.append(FileFinding(path, ValidationFinding(.error, text)))
  }
}

/// A set that was put into a drop directory, as `drop --json` prints it.
public struct DroppedSet: Sendable, Encodable {
  public struct File: Sendable, Encodable {
    /// The path in the set.
    public var file: String
    /// In bytes.
    public var size: Int64
    /// 64 lower-case hex digits.
    public var sha256: String
  }

  public var source: String
  /// The name of the folder.
  public var name: String
  /// Where the folder is until it is claimed.
  public var path: String
  /// The copied files, in the order of the paths.
  public var files: [File]
}
