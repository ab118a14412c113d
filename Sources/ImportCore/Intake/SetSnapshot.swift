/// What is known of something that may be a set: a plain value, taken by a scan.
public struct SetSnapshot: Sendable {
  /// Folder or flat.
  public var form: SetForm
  /// The folder's name; for a flat set what people call it.
  public var name: String
  /// Absolute path of the drop directory.
  public var directory: String
  /// What is known of the folder's inside, or of the drop directory.
  public var index: DropIndex
  /// The folder as an entry of the drop directory.
  public var folder: EntryStatus?
  /// What was found in the files.
  public var evidence: Evidence
  /// Why the folder cannot be listed.
  public var obstacle: EntryObstacle?
  /// Why the folder cannot be moved out.
  public var moveObstacle: EntryObstacle?

  /// Takes a folder and what is known of it.
  public init(folder name: String, in directory: String, status: EntryStatus, index: DropIndex) {
    form = .folder
    self.name = name
    self.directory = directory
    self.index = index
    folder = status
    evidence = Evidence()
  }

  /// Takes a drop directory, whose own files may be a flat set.
  public init(flatIn directory: String, index: DropIndex, rules: IntakeRules) {
    form = .flat
    name = rules.controlFileName ?? DropName.control
    self.directory = directory
    self.index = index
    evidence = Evidence()
  }

  var isFolder: Bool { form == .folder }
  /// The prefix of the paths of findings.
  var prefix: String { isFolder ? name + "/" : "" }
}
