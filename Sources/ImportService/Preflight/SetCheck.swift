public import ImportCore
import ImportStorage
public import ImportSystem

/// A data file that was examined.
struct CheckedFile {
  /// Key of the control file's `files`.
  var key: String
  /// Size in bytes.
  var size: Int64
  var result: DataCheck.Result
}

/// Examines a control file, an export set, or a single data file where it lies, before it is dropped.
public struct SetCheck: Sendable {
  let fileSystem: FileSystem
  let rules: IntakeRules
  let readerLimit: Int64
  /// True if a set is flat for certain, for it lies in a source's drop directory.
  let isDropDirectory: Bool
  /// For keys of the control file, the field that identifies a record.
  let recordKeys: [ExactText: String]

  /// Takes what the set's source says, as far as it is known. `readerLimit` in bytes, 0: none.
  public init(
    rules: IntakeRules = IntakeRules(quiet: .zero), readerLimit: Int64 = ReaderLimit.usual,
    isDropDirectory: Bool = false, recordKeys: [ExactText: String] = [:],
    fileSystem: FileSystem = FileSystem()
  ) {
    self.rules = rules
    self.readerLimit = readerLimit
    self.isDropDirectory = isDropDirectory
    self.recordKeys = recordKeys
    self.fileSystem = fileSystem
  }

  /// Examines what is at `path`; `shown` is how findings name it. Throws when there is no such path or it cannot be
  /// looked at; what is wrong with a file inside is a finding. Blocks on the disk.
  public func check(_ path: String, shown: String) throws(SystemError) -> [FileFinding] {
    try check(path, shown: shown) { _ in }
  }

  /// The same, and lends each data file as it was found.
  func check(
    _ path: String, shown: String, _ found: (CheckedFile) -> Void
  ) throws(SystemError) -> [FileFinding] {
    do {
      let folder = try fileSystem.openDirectory(path, for: "check")
      let prefix = shown.hasSuffix("/") ? shown : shown + "/"
      return try checkFolder(Place(folder: folder, prefix: prefix, isFolder: !isDropDirectory), shown, found)
    } catch  where error.isNotDirectory {
      return try checkFile(path, shown, found)
    }
  }

  /// A folder, and what the paths of findings in it begin with.
  struct Place {
    let folder: Directory
    let prefix: String
    /// True if all that is in it belongs to the set.
    let isFolder: Bool

    func path(_ name: String) -> String { prefix + name }
  }

  private func checkFolder(
    _ place: Place, _ shown: String, _ found: (CheckedFile) -> Void
  ) throws(SystemError) -> [FileFinding] {
    if let path = rules.controlFile {
      let bytes = try fileSystem.openFile(path, for: "check").readAll(atMost: ControlFile.largest)
      return try checkSet(bytes, controlPath: path, controlName: nil, place, found)
    }
    guard try place.folder.status(DropName.control) != nil else {
      // The folder of a stored set has the set's files in a folder of their own.
      let stored = try? place.folder.openDirectory(Spool.filesName).status(DropName.control)
      let hint = stored == nil ? "" : "; the files of this stored set are in '\(place.path(Spool.filesName))'"
      return [
        FileFinding(shown, ValidationFinding(.error, "no set: there is no \(DropName.control) in it\(hint)"))
      ]
    }
    return try checkSet(named: DropName.control, place, found)
  }

  /// A path that is not a folder: a control file with the data files beside it, or one data file.
  private func checkFile(
    _ path: String, _ shown: String, _ found: (CheckedFile) -> Void
  ) throws(SystemError) -> [FileFinding] {
    let (parent, name) = Self.split(path)
    let prefix = String(shown.dropLast(Self.split(shown).name.count))
    let place = Place(
      folder: try fileSystem.openDirectory(parent, for: "check"), prefix: prefix, isFolder: false)
    if try isControlFile(name, in: place.folder) {
      return try checkSet(named: name, place, found)
    }
    guard let (options, fields, isNamed) = try reading(of: name, in: place) else {
      let text = "not examined: no control file beside it names it, and its own name does not tell its form"
      return [FileFinding(shown, ValidationFinding(.warning, text))]
    }
    let findings = try data(name, nil, options, fields, place).findings
    if isNamed || findings.contains(where: { $0.finding.severity == .error }) { return findings }
    let text =
      "no control file beside it names it: examined as a data file, by its name (a control file is named "
      + "\(DropName.control), or has dataImportControlFileVersion)"
    return findings + [FileFinding(shown, ValidationFinding(.warning, text))]
  }

  private func checkSet(
    named name: String, _ place: Place, _ found: (CheckedFile) -> Void
  ) throws(SystemError) -> [FileFinding] {
    do {
      let bytes = try place.folder.readFile(name, atMost: ControlFile.largest)
      return try checkSet(bytes, controlPath: place.path(name), controlName: name, place, found)
    } catch  where error.isTooLarge {
      return [FileFinding(place.path(name), ValidationFinding(.error, ControlFile.tooLarge))]
    }
  }

  /// True for a file of JSON with a control file's version in it, whatever its name.
  private func isControlFile(_ name: String, in folder: Directory) throws(SystemError) -> Bool {
    if name == DropName.control { return true }
    guard name.hasSuffix(".json"), let status = try folder.status(name), status.kind == .regular,
      status.size <= Int64(ControlFile.largest)
    else { return false }
    let bytes = try folder.readFile(name, atMost: ControlFile.largest)
    return bytes.firstRange(of: Array("\"dataImportControlFileVersion\"".utf8)) != nil
  }

  /// The reader of one data file and the fields that are used: as the control file beside it says, which names it, else as
  /// its name suggests.
  private func reading(
    of name: String, in place: Place
  ) throws(SystemError) -> (ReaderOptions, ReferencedFields, isNamed: Bool)? {
    let guess = ReaderOptions(guessingFrom: name).map { ($0, ReferencedFields(), isNamed: false) }
    guard let bytes = try controlBytes(beside: place), case .valid(let control) = ControlFile.read(bytes)
    else { return guess }
    let listing = try Inspector.listing(of: place.folder, place.folder.entries())
    let (files, _) = TakenSet.files(of: control, in: listing, rules: rules)
    guard let key = files.first(where: { ExactText($0.file) == ExactText(name) })?.key,
      let options = control.optionsByKey[ExactText(key)] ?? control.defaultFile?.options
    else { return guess }
    return (options, control.fields, true)
  }

  private func controlBytes(beside place: Place) throws(SystemError) -> [UInt8]? {
    if let path = rules.controlFile {
      return try fileSystem.openFile(path, for: "check").readAll(atMost: ControlFile.largest)
    }
    guard let status = try place.folder.status(DropName.control), status.kind == .regular,
      status.size <= Int64(ControlFile.largest)
    else { return nil }
    return try place.folder.readFile(DropName.control, atMost: ControlFile.largest)
  }

  private static func split(_ path: String) -> (parent: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return ("", path) }
    return (
      slash == path.startIndex ? "/" : String(path[..<slash]), String(path[path.index(after: slash)...])
    )
  }
}
