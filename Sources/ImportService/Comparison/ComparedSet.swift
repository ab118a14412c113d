public import ImportCore
import ImportStorage
public import ImportSystem

/// A set whose records are compared with those of another one, wherever its files are: in the spool or in a drop directory.
public struct ComparedSet: Sendable {
  /// One data file.
  public struct File: Sendable {
    /// Key of the control file's `files`.
    public var key: String
    /// Its name in the set.
    public var name: String
    /// Number of records, if they were counted when the set was read.
    public var records: Int64?
    /// Where it is; nil if retention has deleted it.
    public var content: ComparedFile?
  }

  /// Why a set cannot be compared.
  public enum Failure: Error, CustomStringConvertible {
    case system(SystemError)
    /// Its control file is wrong.
    case control(path: String, String)

    public var description: String {
      switch self {
      case .system(let error): error.description
      case .control(let path, let text): "\(path): \(text)"
      }
    }
  }

  /// The set's id, or the path.
  public var name: String
  /// Its data files in the order of the control file.
  public var files: [File]
  /// When retention deleted its files; nil while they are there.
  public var filesRemoved: Timestamp?

  /// Finds the files of a set of the spool. Blocks.
  public init(_ set: SetReport, rules: IntakeRules, fileSystem: FileSystem) throws(Failure) {
    name = set.set.text
    files = set.files.map { File(key: $0.key ?? "", name: $0.file, records: $0.records) }
    let own = try Self.reading { () throws(SystemError) in
      try fileSystem.openDirectory(set.path, for: "compare")
    }
    filesRemoved = ArchivedSet.receipt(in: own)?.filesRemoved
    if filesRemoved != nil { return }
    let folder = "\(set.path)/\(Spool.filesName)"
    let isFixed = try Self.reading { () throws(SystemError) in try own.status(Spool.fixedControlName) != nil }
    let control =
      isFixed ? "\(set.path)/\(Spool.fixedControlName)" : "\(folder)/\(set.control?.file ?? DropName.control)"
    try find(in: folder, controlPath: control, rules, fileSystem)
  }

  /// Finds the files of a set that was not picked up yet: a folder, or a control file with the data files beside it. Blocks.
  public init(path: String, rules: IntakeRules, fileSystem: FileSystem) throws(Failure) {
    name = path
    files = []
    if try Self.isFolder(path, fileSystem) {
      try find(in: path, controlPath: rules.controlFile ?? "\(path)/\(DropName.control)", rules, fileSystem)
    } else {
      let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
      try find(in: folder, controlPath: path, rules, fileSystem)
    }
  }

  private static func isFolder(_ path: String, _ fileSystem: FileSystem) throws(Failure) -> Bool {
    do throws(SystemError) {
      _ = try fileSystem.openDirectory(path, for: "compare")
      return true
    } catch {
      guard error.isNotDirectory else { throw .system(error) }
      return false
    }
  }

  /// Reads the control file, and finds the file of each key that is not known yet.
  private mutating func find(
    in folder: String, controlPath: String, _ rules: IntakeRules, _ fileSystem: FileSystem
  ) throws(Failure) {
    let bytes = try Self.reading { () throws(SystemError) in
      try fileSystem.openFile(controlPath, for: "compare").readAll(atMost: ControlFile.largest)
    }
    guard case .valid(let control) = ControlFile.read(bytes) else {
      throw .control(path: controlPath, "the control file is not valid; 'haplo-importd check' says why")
    }
    if files.isEmpty {
      let mapping = try Self.reading { () throws(SystemError) in
        let directory = try fileSystem.openDirectory(folder, for: "compare")
        return TakenSet.files(
          of: control, in: try Inspector.listing(of: directory, directory.entries()), rules: rules)
      }
      files = mapping.files.map { File(key: $0.key, name: $0.file) }
    }
    let options = control.optionsByKey
    for index in files.indices {
      guard let options = options[ExactText(files[index].key)] ?? control.defaultFile?.options else {
        continue
      }
      files[index].content = ComparedFile(
        path: "\(folder)/\(files[index].name)", options: options, fileSystem: fileSystem)
    }
  }

  private static func reading<Value>(_ body: () throws(SystemError) -> Value) throws(Failure) -> Value {
    do { return try body() } catch { throw .system(error) }
  }
}

/// The data files of two sets that the same key stands for.
public struct ComparedPair: Sendable {
  /// Key of the control files' `files`.
  public var key: String
  /// The file of the earlier set; nil if it has none.
  public var old: ComparedSet.File?
  /// The file of the set; nil if it has none.
  public var new: ComparedSet.File?

  /// Pairs the files of two sets: those of `new` in their order, then those that only `old` has.
  public static func pairs(_ old: ComparedSet, _ new: ComparedSet) -> [ComparedPair] {
    let before = Dictionary(old.files.map { (ExactText($0.key), $0) }) { first, _ in first }
    let now = Set(new.files.map { ExactText($0.key) })
    return new.files.map { ComparedPair(key: $0.key, old: before[ExactText($0.key)], new: $0) }
      + old.files.filter { !now.contains(ExactText($0.key)) }.map {
        ComparedPair(key: $0.key, old: $0, new: nil)
      }
  }
}

/// A data file whose records are compared with those of another one.
public struct ComparedFile: Sendable {
  public var path: String
  /// Reader of the server, with its options.
  public var options: ReaderOptions
  private let fileSystem: FileSystem

  /// Takes a file that need not be there yet.
  public init(path: String, options: ReaderOptions, fileSystem: FileSystem) {
    self.path = path
    self.options = options
    self.fileSystem = fileSystem
  }

  /// Reads all records. Blocks.
  func read(_ demand: RecordDemand, _ body: (RecordBatch, FieldNames) throws -> Void) throws {
    guard var reader = RecordReader(options, demand) else { throw RecordDiff.Failure.notReadable(path) }
    var failure: (any Error)?
    func take(_ batch: RecordBatch, _ names: FieldNames) {
      do { if failure == nil { try body(batch, names) } } catch { failure = error }
    }
    try fileSystem.openFile(path, for: "compare").forEachBlock(checking: { failure != nil }) {
      reader.take($0, take)
    }
    let problem = reader.finish(take)
    if let failure { throw failure }
    if let problem { throw RecordDiff.Failure.broken(path, problem) }
  }
}
