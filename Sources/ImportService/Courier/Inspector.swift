import ImportCore
import ImportSystem

/// Reads a set that was taken, or is being taken: which file is meant by which key, the digest of each, and, in the same pass over the
/// bytes, whether the server will be able to read it (`Check=`). What it returns is what the
/// set stands for, and, unless it was asked not to see to that, is on the disk: a power cut cannot take a byte of it back.
struct Inspector: Sendable {
  /// What was found.
  enum Outcome: Sendable {
    case manifest(Manifest)
    /// The set cannot work as it is.
    case rejected(Reason)
  }

  let spool: Spool
  let rules: IntakeRules
  /// How much is examined.
  var check = CheckDepth.off
  /// True if what was read is made durable at once, file by file.
  var syncs = true
  /// Bytes beyond which the server's readers of JSON and tables fail; 0: not known.
  var readerLimit: Int64 = 0

  /// Reads all files of the set; `progress` is called from time to time.
  func inspect(_ delivery: Delivery, progress: () -> Void) throws(SystemError) -> Outcome {
    let place = SetFiles(spool: spool, set: delivery.set, claim: delivery.claim)
    let folder = try place.directory(isControl: true)
    do {
      return try inspect(delivery.claim.control ?? Spool.fixedControlName, in: Place(folder), progress) {
        () throws(SystemError) in Place(try place.dataDirectory(beside: folder))
      }
    } catch  where error.isNotRegularFile {
      return .rejected(.noFile(error))  // nothing will make a file of it again but a person
    }
  }

  /// The same for a folder that has its own control file, wherever it stands, as it was listed when it was opened.
  func inspect(_ folder: OpenFolder, control: String) throws(SystemError) -> Outcome {
    try inspect(control, in: Place(folder), {}) { Place(folder) }
  }

  /// A folder, and what of it is known or open.
  private struct Place {
    let directory: Directory
    let known: OpenFolder?

    init(_ directory: Directory) {
      self.directory = directory
      known = nil
    }

    init(_ folder: OpenFolder) {
      directory = folder.directory
      known = folder
    }

    /// Opens a file, and says what it is. Of one that is open already it is what it was before it is read: if it has been
    /// changed since, it does not look so any more.
    func open(_ name: String) throws(SystemError) -> (OpenFile, ImportCore.FileIdentity) {
      if let file = known?.files[name], let identity = known?.identity(of: name) { return (file, identity) }
      let (file, status) = try directory.openForReading(along: [name], for: "read")
      return (file, ImportCore.FileIdentity(status))
    }

    func listing() throws(SystemError) -> Listing {
      if let known { return known.listing }
      return try Inspector.listing(of: directory, directory.entriesOnce())
    }
  }

  private func inspect(
    _ name: String, in folder: Place, _ progress: () -> Void,
    dataFolder: () throws(SystemError) -> Place
  ) throws(SystemError) -> Outcome {
    let (controlFile, identity) = try folder.open(name)
    guard identity.size <= Int64(ControlFile.largest) else {
      return .rejected(.control([TextFinding(line: 1, column: 1, message: ControlFile.tooLarge)], name))
    }
    let bytes = try controlFile.readAll(atMost: ControlFile.largest, expecting: identity.size)
    switch ControlFile.read(bytes) {
    case .invalid(let findings): return .rejected(.control(findings, name))
    case .valid(let control):
      let digest = SHA256Digest(bytes: SHA256.digest(of: bytes))
      if syncs { try controlFile.syncData(for: "claim") }
      let content = ManifestFile(file: name, size: Int64(bytes.count), sha256: digest, identity: identity)
      let lint = check == .off ? nil : ControlLint(bytes)
      let errors = (lint?.findings ?? []).filter { $0.severity == .error }
      guard errors.isEmpty else { return .rejected(.check(errors.map { FileFinding(name, $0) })) }
      return try files(of: control, content, in: dataFolder(), check == .full ? lint : nil, progress)
    }
  }

  private func files(
    of control: ControlFile, _ content: ManifestFile, in folder: Place, _ lint: ControlLint?,
    _ progress: () -> Void
  ) throws(SystemError) -> Outcome {
    let (files, findings) = TakenSet.files(of: control, in: try folder.listing(), rules: rules)
    guard findings.isEmpty else { return .rejected(.mapping(findings)) }
    var entries: [Manifest.Entry] = []
    var errors: [FileFinding] = []
    for file in files {
      let options = lint?.options(forKey: file.key)
      let (content, findings) = try read(file.file, options, in: folder, progress)
      entries.append(Manifest.Entry(key: file.key, content: content))
      errors += findings.list.filter { $0.severity == .error }.map { FileFinding(file.file, $0) }
    }
    return errors.isEmpty ? .manifest(Manifest(control: content, files: entries)) : .rejected(.check(errors))
  }

  /// Hashes a file and, where its reader's options are given, examines it, block by block.
  private func read(
    _ name: String, _ options: ReaderOptions?, in folder: Place, _ progress: () -> Void
  ) throws(SystemError) -> (ManifestFile, LintFindings) {
    let (file, identity) = try folder.open(name)
    var hash = SHA256()
    var check = options.map { DataCheck($0, names: SourceNames(), limit: readerLimit) }
    let goOn = {
      progress()
      return false
    }
    let size = try file.forEachBlock(expecting: identity.size, checking: goOn) { block in
      hash.update(block)
      check?.take(block)
    }
    if syncs { try file.syncData(for: "claim") }
    let digest = SHA256Digest(bytes: hash.finish())
    let content = ManifestFile(file: name, size: size, sha256: digest, identity: identity)
    return (content, check.take()?.finish().findings ?? LintFindings())
  }

  /// What is in a folder, entry by entry.
  typealias Listing = [(name: String, status: EntryStatus)]

  /// Looks at the entries of a folder that were listed just now.
  static func listing(of folder: Directory, _ entries: [EntryName]) throws(SystemError) -> Listing {
    var listing: Listing = []
    for name in entries.compactMap(\.string) {
      if let status = try folder.status(name) { listing.append((name, EntryStatus(status))) }
    }
    return listing
  }
}

extension Reason {
  static func control(_ findings: [TextFinding], _ name: String) -> Reason {
    let lines = findings.map { "\(name):\($0.line):\($0.column): error: \($0.message)" }
    return Reason(
      lines.joined(separator: "\n"), remedy: "correct the control file, and drop the set again")
  }

  static func noFile(_ error: SystemError) -> Reason {
    Reason(error.description, remedy: "put a regular file in its place, or drop the set again")
  }

  static func mapping(_ findings: [IntakeFinding]) -> Reason {
    Reason(findings.map(\.line).joined(separator: "\n"), remedy: "complete the set, and drop it again")
  }
}
