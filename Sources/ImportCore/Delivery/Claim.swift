/// The intention to take one set out of its drop directory, journaled before the first rename, so
/// that a restart can finish by these identities and nothing is taken that was not judged.
public struct Claim: Hashable, Codable, Sendable {
  /// One file (or the folder) to be taken.
  public struct Item: Hashable, Codable, Sendable {
    /// Name in the drop directory, and later in the set's `files/`.
    public var name: String
    /// How it looked when it was judged.
    public var identity: FileIdentity

    /// Takes a name and how the file looked when it was judged.
    public init(name: String, identity: FileIdentity) {
      self.name = name
      self.identity = identity
    }
  }

  /// How the set was dropped.
  public var form: SetForm
  /// The folder's name, or the control file's for a flat set: what people call the set, and what `Order=name` compares.
  public var name: String
  /// Absolute path of the drop directory.
  public var directory: String
  /// Name of the control file in the set; nil when the source has a fixed one, whose bytes are then kept as
  /// `control.json` beside `files/`.
  public var control: String?
  /// When the set was seen complete.
  public var completed: Timestamp
  /// For a folder the folder alone; for a flat set its files in the order of renaming (the control file last).
  public var items: [Item]

  public init(
    form: SetForm, name: String, directory: String, control: String?, completed: Timestamp, items: [Item]
  ) {
    self.control = control
    self.form = form
    self.name = name
    self.directory = directory
    self.completed = completed
    self.items = items
  }
}

/// One file of a set as it was read after the claim.
public struct ManifestFile: Hashable, Codable, Sendable {
  /// Its name in the set's folder.
  public var file: String
  /// Size in bytes.
  public var size: Int64
  /// SHA-256 of its bytes, computed here.
  public var sha256: SHA256Digest
  /// How it looked before the first byte was read; a file that looks otherwise later is read again.
  public var identity: FileIdentity
  /// Number of records that the server will read; nil if they were not counted: `Check=` is not `full`, the reader
  /// belongs to a plugin, the file is no data file, or an older version wrote this.
  public var records: Int64?
  /// The field whose values were recorded as the keys of its records; nil if none were.
  public var recordKey: String?

  public init(
    file: String, size: Int64, sha256: SHA256Digest, identity: FileIdentity, records: Int64? = nil,
    recordKey: String? = nil
  ) {
    self.file = file
    self.size = size
    self.sha256 = sha256
    self.identity = identity
    self.records = records
    self.recordKey = recordKey
  }
}

/// The bytes that one set stands for, fixed before the first request: its control file, and for each
/// key of the control file's `files` the data file, in the order in which they are uploaded.
public struct Manifest: Hashable, Codable, Sendable {
  /// One data file and the name under which the server expects it.
  public struct Entry: Hashable, Codable, Sendable {
    /// Key of the control file's `files`: the upload's `name`.
    public var key: String
    public var content: ManifestFile

    public init(key: String, content: ManifestFile) {
      self.key = key
      self.content = content
    }
  }

  public var control: ManifestFile
  /// The data files, in the order of upload.
  public var files: [Entry]

  /// Takes a control file and the data files in the order of upload.
  public init(control: ManifestFile, files: [Entry]) {
    self.control = control
    self.files = files
  }

  /// Number of records in all data files; nil if those of one were not counted.
  public var records: Int64? { Int64.total(files.map(\.content.records)) }

  /// True if both stand for the same bytes under the same keys, whatever the files look like otherwise.
  public func hasSameContent(as other: Manifest) -> Bool {
    control.sha256 == other.control.sha256
      && files.map { [$0.key, $0.content.sha256.hex] } == other.files.map { [$0.key, $0.content.sha256.hex] }
  }
}

extension Manifest {
  /// The control file (nil), or the data file of a key.
  public func content(of key: String?) -> ManifestFile? {
    guard let key else { return control }
    return files.first { ExactText($0.key) == ExactText(key) }?.content
  }
}
