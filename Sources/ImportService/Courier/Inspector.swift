import ImportCore
import ImportSystem

/// Reads a set that was taken: which file is meant by which key, and the digest of each. What it returns is what the
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

  /// Reads all files of the set; `progress` is called from time to time.
  func inspect(_ delivery: Delivery, progress: () -> Void) throws(SystemError) -> Outcome {
    let place = SetFiles(spool: spool, set: delivery.set, claim: delivery.claim)
    let name = delivery.claim.control ?? Spool.fixedControlName
    let controlFolder = try place.directory(isControl: true)
    let controlFile = try controlFolder.openForReading(name)
    let identity = ImportCore.FileIdentity(try controlFile.status())
    guard identity.size <= Int64(ControlFile.largest) else {
      return .rejected(.control([TextFinding(line: 1, column: 1, message: ControlFile.tooLarge)], name))
    }
    let bytes = try controlFile.readAll(atMost: ControlFile.largest)
    switch ControlFile.read(bytes) {
    case .invalid(let findings): return .rejected(.control(findings, name))
    case .valid(let control):
      let digest = SHA256Digest(bytes: SHA256.digest(of: bytes))
      try controlFile.syncData(for: "claim")
      let content = ManifestFile(file: name, size: Int64(bytes.count), sha256: digest, identity: identity)
      return try files(of: control, content, in: place.directory(isControl: false), progress)
    }
  }

  private func files(
    of control: ControlFile, _ content: ManifestFile, in folder: Directory, _ progress: () -> Void
  ) throws(SystemError) -> Outcome {
    let listing = try Self.listing(of: folder)
    let (files, findings) = TakenSet.files(of: control, in: listing, rules: rules)
    guard findings.isEmpty else { return .rejected(.mapping(findings)) }
    var entries: [Manifest.Entry] = []
    for file in files {
      entries.append(Manifest.Entry(key: file.key, content: try Self.read(file.file, in: folder, progress)))
    }
    return .manifest(Manifest(control: content, files: entries))
  }

  private static func read(
    _ name: String, in folder: Directory, _ progress: () -> Void
  ) throws(SystemError) -> ManifestFile {
    let file = try folder.openForReading(name)
    let identity = ImportCore.FileIdentity(try file.status())
    let (digest, size) = try file.sha256 {
      progress()
      return false
    }
    try file.syncData(for: "claim")
    return ManifestFile(file: name, size: size, sha256: SHA256Digest(bytes: digest), identity: identity)
  }

  private static func listing(of folder: Directory) throws(SystemError) -> [(
    name: String, status: EntryStatus
  )] {
    var listing: [(name: String, status: EntryStatus)] = []
    for name in try folder.entries().compactMap(\.string) {
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

  static func mapping(_ findings: [IntakeFinding]) -> Reason {
    Reason(findings.map(\.line).joined(separator: "\n"), remedy: "complete the set, and drop it again")
  }
}
