import FoundationEssentials
public import ImportCore
public import ImportSystem

/// Puts a set into a source's drop directory so that it is complete at once: a copy under a temporary name, validated as
/// `check` does, with a `SHA256SUMS`, synced, and renamed into place.
public struct SetDrop: Sendable {
  private static let purpose = "drop"
  /// The umask of the caller takes from these.
  private static let fileMode: UInt32 = 0o640

  private let source: SourceSettings
  private let readerLimit: Int64
  private let fileSystem: FileSystem
  private let paths: [String]
  /// The name that the set's folder gets.
  public let name: String

  /// Takes what is to be dropped.
  ///
  /// - Parameters:
  ///   - paths: one folder, or a control file with its data files; a control file alone stands for those beside it.
  ///   - name: the folder's name; nil: that of the folder in `paths`, or for single files one made from the time.
  ///   - readerLimit: in bytes, 0: none.
  ///   - fileSystem: its hook may end the work by an error for which `isCancelled` holds.
  public init(
    _ paths: [String], for source: SourceSettings, named name: String?, readerLimit: Int64,
    fileSystem: FileSystem = FileSystem(), now: Timestamp
  ) throws(DropFailure) {
    self.source = source
    self.readerLimit = readerLimit
    self.fileSystem = fileSystem
    self.paths = paths
    self.name = name ?? Self.name(paths, fileSystem, now)
    guard DropName.isPlain(self.name), !DropName.isTemporary(self.name), !Litter.isLitter(self.name.utf8)
    else { throw .unusableName(self.name) }
  }

  /// Drops the set. Blocks on the disk; everything is durable on return.
  ///
  /// - Returns: the set, and warnings about it.
  public func perform() throws(DropFailure) -> (set: DroppedSet, warnings: [FileFinding]) {
    let directory = try openDropDirectory()
    let content = try content(besides: directory)
    guard content.findings.isEmpty else { throw .invalid(content.findings) }
    let isTaken = try onDisk { () throws(SystemError) in try directory.status(name) != nil }
    if isTaken { throw .nameTaken(directory.path(of: name)) }
    let staging = try makeStaging(in: directory)
    do throws(DropFailure) {
      return try put(content, into: staging, in: directory)
    } catch {
      staging.remove(FileSystem())
      throw error
    }
  }

  private func put(_ content: DropContent, into staging: DropStaging, in directory: Directory)
    throws(DropFailure) -> (set: DroppedSet, warnings: [FileFinding])
  {
    let files = try copy(content, to: staging.folder)
    let findings = try onDisk { () throws(SystemError) in try check(content, in: staging.folder) }
    if findings.contains(where: { $0.finding.severity == .error }) { throw .invalid(findings) }
    do throws(SystemError) {
      try staging.place(as: name)
    } catch {
      throw error.exists ? .nameTaken(directory.path(of: name)) : DropFailure(error)
    }
    let set = DroppedSet(source: source.name.text, name: name, path: directory.path(of: name), files: files)
    return (set, findings)
  }

  private func openDropDirectory() throws(DropFailure) -> Directory {
    do throws(SystemError) {
      return try fileSystem.openDirectory(source.directory, for: Self.purpose)
    } catch {
      if error.isMissing { throw .noDropDirectory(source.directory) }
      throw error.isPermission ? notPermitted(error) : DropFailure(error)
    }
  }

  private func makeStaging(in directory: Directory) throws(DropFailure) -> DropStaging {
    do throws(SystemError) {
      try DropStaging.removeLeftovers(in: directory)
      return try DropStaging.make(in: directory)
    } catch {
      throw error.isPermission ? notPermitted(error) : DropFailure(error)
    }
  }

  /// Copies all files with their folders, and adds the list of digests and the source's marker where they are missing.
  private func copy(_ content: DropContent, to folder: Directory) throws(DropFailure) -> [DroppedSet.File] {
    var files: [DroppedSet.File] = []
    var folders: [Directory] = [folder]
    for item in content.items {
      let parents = try onDisk { () throws(SystemError) in
        try self.folders(item.components.dropLast(), in: folder)
      }
      folders += parents
      files.append(try copy(item, to: parents.last ?? folder))
    }
    try onDisk { () throws(SystemError) in
      try complete(files, in: folder)
      for folder in folders.reversed() { try folder.sync(for: Self.purpose) }
    }
    return files
  }

  /// Makes the folders that are missing, one in the other.
  private func folders(_ names: ArraySlice<String>, in folder: Directory) throws(SystemError) -> [Directory] {
    var folders: [Directory] = []
    for name in names {
      folders.append(try (folders.last ?? folder).openOrMakeGroupDirectory(name, for: Self.purpose))
    }
    return folders
  }

  private func complete(_ files: [DroppedSet.File], in folder: Directory) throws(SystemError) {
    let names = Set(files.map { ExactText($0.file) })
    if !names.contains(ExactText(DropName.sums)) {
      let lines = files.map { ChecksumList.line($0.sha256, $0.file) }.joined()
      try folder.store(
        Array(lines.utf8), as: DropName.sums, mode: Self.fileMode, replacing: false, for: Self.purpose)
    }
    if let marker = source.markerFile, !names.contains(ExactText(marker)) {
      try folder.store([], as: marker, mode: Self.fileMode, replacing: false, for: Self.purpose)
    }
  }

  private func copy(_ item: DropContent.Item, to target: Directory) throws(DropFailure) -> DroppedSet.File {
    let file = try open(item)
    let (size, digest, isUnchanged) = try onDisk { () throws(SystemError) in
      let before = try file.status(for: Self.purpose)
      let digest = try target.copy(file, as: item.name, mode: Self.fileMode, for: Self.purpose)
      let after = try file.status(for: Self.purpose)
      return (before.size, digest, before.identity == after.identity)
    }
    guard isUnchanged else { throw .changed(item.shown) }
    return DroppedSet.File(file: item.path, size: size, sha256: SHA256Digest(bytes: digest).hex)
  }

  private func open(_ item: DropContent.Item) throws(DropFailure) -> OpenFile {
    do throws(SystemError) {
      return try item.directory.openForReading(item.name, for: Self.purpose)
    } catch {
      if error.isMissing { throw .noSuchPath(item.shown) }
      guard error.isNotRegularFile || error.isNotDirectory else { throw DropFailure(error) }
      throw .invalid([FileFinding(item.shown, ValidationFinding(.error, error.description))])
    }
  }

  /// Validates the copy, so that exactly what is dropped was validated. Findings name the files as people know them.
  private func check(_ content: DropContent, in folder: Directory) throws(SystemError) -> [FileFinding] {
    let check = SetCheck(rules: IntakeRules(source), readerLimit: readerLimit, fileSystem: fileSystem)
    return try check.check(folder.path, shown: "").map { finding in
      var finding = finding
      if finding.path != source.controlFile {
        finding.path = content.shown(of: String(finding.path.dropFirst()))
      }
      return finding
    }
  }

  private func notPermitted(_ error: SystemError) -> DropFailure {
    let status = try? FileSystem().openDirectory(Self.split(source.directory).parent).status(
      Self.split(source.directory).name)
    return .notPermitted(
      error, owner: status.map { SystemUser.name(of: $0.owner) } ?? "its owner",
      group: status.map { SystemUser.groupName(of: $0.group) } ?? "its group")
  }
}

// MARK: Paths

extension SetDrop {
  private func content(besides drop: Directory) throws(DropFailure) -> DropContent {
    if paths.count == 1, let folder = try folder(paths[0]) {
      try requireElsewhere(folder, drop)
      return try onDisk { () throws(SystemError) in try DropContent(folder: folder, shown: paths[0]) }
    }
    var files: [SingleFile] = []
    for path in paths {
      if try folder(path) != nil {
        throw .notOneSet("'\(path)' is a folder: drop one folder, or files, at a time")
      }
      let single = try onDisk { () throws(SystemError) in try file(path) }
      if let same = files.first(where: { ExactText($0.name) == ExactText(single.name) }) {
        throw .notOneSet("'\(same.shown)' and '\(path)' have the same name in the set")
      }
      files.append(single)
    }
    let only = files.count == 1 ? files[0] : nil
    if let only { files += try onDisk { () throws(SystemError) in try filesBeside(only) } }
    return DropContent(files: files)
  }

  /// The folder of a path; nil if it leads to something else.
  private func folder(_ path: String) throws(DropFailure) -> Directory? {
    do throws(SystemError) {
      return try fileSystem.openDirectory(Self.absolute(path), for: Self.purpose)
    } catch {
      if error.isNotDirectory { return nil }
      throw error.isMissing ? .noSuchPath(path) : DropFailure(error)
    }
  }

  /// A file with the path that people know it by.
  typealias SingleFile = (directory: Directory, name: String, shown: String)

  private func file(_ path: String) throws(SystemError) -> SingleFile {
    let (parent, name) = Self.split(Self.absolute(path))
    return (try fileSystem.openDirectory(parent, for: Self.purpose), name, path)
  }

  /// The data files that a control file means beside it. What is wrong with it, or missing, the check of the copy says.
  private func filesBeside(_ file: SingleFile) throws(SystemError) -> [SingleFile] {
    let directory = file.directory
    guard file.name == DropName.control, try directory.status(file.name)?.kind == .regular,
      case .valid(let control) = ControlFile.read(
        try directory.readFile(file.name, atMost: ControlFile.largest))
    else { return [] }
    let listing = try Inspector.listing(of: directory, directory.entries())
    let mapped = TakenSet.files(of: control, in: listing, rules: IntakeRules(source)).files
    let prefix = file.shown.dropLast(file.name.count)
    return Set(mapped.map { ExactText($0.file) }).map { (directory, $0.text, prefix + $0.text) }
  }

  /// A folder that holds the drop directory, or is in it, cannot be copied there.
  private func requireElsewhere(_ folder: Directory, _ drop: Directory) throws(DropFailure) {
    let own = try onDisk { () throws(SystemError) -> [FileStatus] in try folder.ancestry() }
    let other = try onDisk { () throws(SystemError) -> [FileStatus] in try drop.ancestry() }
    guard let ownFirst = own.first, let dropFirst = other.first else { return }
    if own.contains(where: { $0.isSameFile(as: dropFirst) })
      || other.contains(where: { $0.isSameFile(as: ownFirst) })
    {
      throw .notOneSet("'\(folder.path)' is in the drop directory '\(drop.path)', or holds it")
    }
  }

  private func onDisk<Value>(_ body: () throws(SystemError) -> Value) throws(DropFailure) -> Value {
    do throws(SystemError) { return try body() } catch { throw DropFailure(error) }
  }

  private static func name(_ paths: [String], _ fileSystem: FileSystem, _ now: Timestamp) -> String {
    let path = absolute(paths.first ?? "")
    if paths.count == 1, (try? fileSystem.openDirectory(path, for: purpose)) != nil {
      return split(path).name
    }
    return "\(now.compact)-\(String(UInt32.random(in: 0...UInt32.max), radix: 36))"
  }

  /// The path from the root without `.`, `..` and empty components; `..` is resolved by its name.
  private static func absolute(_ path: String) -> String {
    let whole = path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
    var components: [Substring] = []
    for component in whole.split(separator: "/") where component != "." {
      if component == ".." { _ = components.popLast() } else { components.append(component) }
    }
    return "/" + components.joined(separator: "/")
  }

  private static func split(_ path: String) -> (parent: String, name: String) {
    let slash = path.lastIndex(of: "/") ?? path.startIndex
    return (slash == path.startIndex ? "/" : String(path[..<slash]), String(path[slash...].dropFirst()))
  }
}
