import ImportCore
import ImportStorage
import ImportSystem

/// Reads a set that was taken: which file is meant by which key, the digest of each, and, in the same pass over the
/// bytes, whether the server will be able to read it (`Check=`). What it returns is what the
/// set stands for, and is on the disk: a power cut cannot take a byte of it back.
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
  /// Bytes beyond which the server's readers of JSON and tables fail; 0: not known.
  var readerLimit: Int64 = 0
  /// For keys of the control file, the field whose values are recorded as record keys.
  var recordKeys: [ExactText: String] = [:]

  /// Reads all files of the set; `progress` gets a step for each block.
  func inspect(_ delivery: Delivery, _ progress: WorkProgress) throws(SystemError) -> Outcome {
    let place = SetFiles(spool: spool, set: delivery.set, claim: delivery.claim)
    let folder = try place.directory(isControl: true)
    do {
      var keys: [(key: String, keys: RecordKeys)] = []
      let outcome = try inspect(delivery.claim.control ?? Spool.fixedControlName, in: folder, &keys, progress)
      { () throws(SystemError) in try place.dataDirectory(beside: folder) }
      // Before anything is recorded that counts on them.
      if case .manifest = outcome, !keys.isEmpty {
        let own = try spool.openSet(delivery.set)
        for (key, keys) in keys { try RecordKeyFolder.store(keys, for: key, in: own) }
        try own.sync(for: "claim")
      }
      return outcome
    } catch  where error.isNotRegularFile {
      return .rejected(.noFile(error))  // nothing will make a file of it again but a person
    }
  }

  private func inspect(
    _ name: String, in folder: Directory, _ keys: inout [(key: String, keys: RecordKeys)],
    _ progress: WorkProgress, dataFolder: () throws(SystemError) -> Directory
  ) throws(SystemError) -> Outcome {
    let (controlFile, identity) = try Self.open(name, in: folder)
    guard identity.size <= Int64(ControlFile.largest) else {
      return .rejected(.invalidControl(.tooLarge, named: name))
    }
    let bytes = try controlFile.readAll(atMost: ControlFile.largest, expecting: identity.size)
    switch ControlFile.read(bytes) {
    case .invalid(let findings): return .rejected(.invalidControl(findings, named: name))
    case .valid(let control):
      let digest = SHA256Digest(bytes: SHA256.digest(of: bytes))
      try controlFile.syncData(for: "claim")
      let content = ManifestFile(file: name, size: Int64(bytes.count), sha256: digest, identity: identity)
      var errors = FileErrors()
      if check != .off { errors.add(name, control.findings) }
      guard errors.isEmpty else { return .rejected(errors.reason) }
      return try files(of: control, content, in: dataFolder(), &keys, progress)
    }
  }

  private func files(
    of control: ControlFile, _ content: ManifestFile, in folder: Directory,
    _ keys: inout [(key: String, keys: RecordKeys)], _ progress: WorkProgress
  ) throws(SystemError) -> Outcome {
    let options = check == .full ? control.optionsByKey : [:]
    let others = check == .full ? control.defaultFile?.options : nil
    let (files, findings) = TakenSet.files(
      of: control, in: try Self.listing(of: folder, folder.entriesOnce()), rules: rules)
    guard findings.isEmpty else { return .rejected(.mapping(findings)) }
    var entries: [Manifest.Entry] = []
    var errors = FileErrors()
    for file in files {
      let options = options[ExactText(file.key)] ?? others
      let (content, result) = try read(
        file.file, options, control.fields, recordKey: recordKeys[ExactText(file.key)], in: folder, progress)
      entries.append(Manifest.Entry(key: file.key, content: content))
      if let found = result?.keys { keys.append((file.key, found)) }
      errors.add(file.file, result?.findings ?? ValidationFindings())
    }
    // The exporter need not have synced anything: a synced file whose name is not on the disk is lost in a power cut.
    try folder.sync(for: "claim")
    return errors.isEmpty ? .manifest(Manifest(control: content, files: entries)) : .rejected(errors.reason)
  }

  /// Hashes a file and, where its reader's options are given, examines it, block by block.
  private func read(
    _ name: String, _ options: ReaderOptions?, _ fields: ReferencedFields, recordKey: String?,
    in folder: Directory, _ progress: WorkProgress
  ) throws(SystemError) -> (ManifestFile, DataCheck.Result?) {
    let (file, identity) = try Self.open(name, in: folder)
    var hash = SHA256()
    var check = options.map { DataCheck($0, fields: fields, limit: readerLimit, recordKey: recordKey) }
    let size = try file.forEachBlock(expecting: identity.size, checking: progress.stepCancels) { block in
      hash.update(block)
      check?.take(block)
    }
    try file.syncData(for: "claim")
    let digest = SHA256Digest(bytes: hash.finish())
    let result = check.take()?.finish()
    let content = ManifestFile(
      file: name, size: size, sha256: digest, identity: identity, records: (result?.records).map(Int64.init),
      recordKey: result?.keys?.field)
    return (content, result)
  }

  private static func open(_ name: String, in folder: Directory) throws(SystemError) -> (
    OpenFile, ImportCore.FileIdentity
  ) {
    let (file, status) = try folder.openForReading(along: [name], for: "read")
    return (file, ImportCore.FileIdentity(status))
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
  static func noFile(_ error: SystemError) -> Reason {
    Reason(error.description, remedy: "put a regular file in its place, or drop the set again")
  }

  static func mapping(_ findings: [IntakeFinding]) -> Reason {
    Reason(findings.map(\.line).joined(separator: "\n"), remedy: "complete the set, and drop it again")
  }
}

extension EntryStatus {
  init(_ status: FileStatus) {
    let kind: Kind =
      switch status.kind {
      case .regular: .regular
      case .directory: .directory
      default: .special(status.kind.rawValue)
      }
    self.init(
      kind: kind, identity: ImportCore.FileIdentity(status), links: status.links, owner: status.owner,
      mode: status.mode)
  }
}
