/// What was found in a file that was then in a certain state; it says nothing about any other state.
public struct Seen<Value: Hashable & Sendable>: Hashable, Sendable {
  /// The state.
  public var identity: FileIdentity
  /// What was found.
  public var value: Value

  public init(_ identity: FileIdentity, _ value: Value) {
    self.identity = identity
    self.value = value
  }
}

/// Why an entry of a drop directory cannot be used, and what a person can do about it.
public struct EntryObstacle: Hashable, Sendable {
  /// The obstacle, as people read it: `cannot read this folder (owner jane:staff, mode 0700)`.
  public var text: String
  /// The remedy, with the exact command where there is one.
  public var remedy: String?
  /// True if the daemon lacks a right that it could not grant itself.
  public var isAccess: Bool

  public init(_ text: String, remedy: String? = nil, isAccess: Bool = false) {
    self.text = text
    self.remedy = remedy
    self.isAccess = isAccess
  }

  /// The finding about the entry at a path.
  public func finding(_ path: String) -> IntakeFinding {
    var finding = IntakeFinding(path, text, remedy: remedy, isFinal: true)
    finding.isAccess = isAccess
    return finding
  }
}

/// What came of reading a file.
public enum Content<Value: Hashable & Sendable>: Hashable, Sendable {
  case read(Value)
  /// Why it could not be read.
  case unreadable(EntryObstacle)
}

/// What the kernel says about who writes to a file.
public enum WriterAnswer: Hashable, Sendable {
  case nobody
  case somebody
  /// No such question can be asked of this file here; only quiet can tell.
  case cannotTell
  /// The file cannot even be opened for reading, and why.
  case unreadable(EntryObstacle)
}

/// What a look into files has brought to light, beyond what a listing shows.
public struct Evidence: Sendable {
  /// A control file's bytes and what they say.
  public struct Control: Hashable, Sendable {
    public var bytes: [UInt8]
    public var reading: ControlFile.Reading

    /// Takes the bytes and reads them.
    public init(_ bytes: [UInt8]) {
      self.bytes = bytes
      reading = ControlFile.read(bytes)
    }

    /// What stands for a control file that has more bytes than one may have.
    public static let tooLarge = Control(bytes: [], reading: .invalid(.tooLarge))

    private init(bytes: [UInt8], reading: ControlFile.Reading) {
      self.bytes = bytes
      self.reading = reading
    }
  }

  /// The set's control file.
  public var control: Seen<Content<Control>>?
  /// The source's fixed control file, as it was at this look.
  public var fixedControl: Content<Control>?
  /// The set's list of digests.
  public var sums: Seen<Content<ChecksumList>>?
  /// Who writes, by file. Good for one look only.
  public var writers: [ExactText: Seen<WriterAnswer>] = [:]
  /// Digests by file.
  public var digests: [ExactText: Seen<Content<SHA256Digest>>] = [:]
  /// Whether this process may take the folder, or the files, out of the drop directory; nil while that was not asked.
  public var moving: MoveAnswer?

  /// Forgets what is only true for the moment in which it was asked, and what could not be read then.
  public mutating func beginLook() {
    fixedControl = nil
    writers = [:]
    moving = nil
    if case .unreadable? = control?.value { control = nil }
    if case .unreadable? = sums?.value { sums = nil }
    digests = digests.filter { if case .read = $0.value.value { true } else { false } }
  }
}

/// The state of one entry of a drop directory as it was seen, without following a link.
public struct EntryStatus: Hashable, Sendable {
  /// Its kind.
  public enum Kind: Hashable, Sendable {
    case regular
    case directory
    /// Anything that can never be sent, by the name that people know it by: `symbolic link`, `named pipe`.
    case special(String)
  }

  /// Its kind.
  public var kind: Kind
  /// Which file, in which state.
  public var identity: FileIdentity
  /// Number of the file's names.
  public var links: UInt64
  /// Numeric id of its owner.
  public var owner: UInt32
  /// Permission bits.
  public var mode: UInt32

  /// Takes what one `stat` call said.
  public init(kind: Kind, identity: FileIdentity, links: UInt64, owner: UInt32, mode: UInt32) {
    self.kind = kind
    self.identity = identity
    self.links = links
    self.owner = owner
    self.mode = mode
  }
}

/// The kernel's answer to moving a set out of its drop directory.
public enum MoveAnswer: Hashable, Sendable {
  case allowed
  /// The file system is mounted read-only.
  case readOnly
  /// The drop directory may not be written to.
  case directoryClosed
  /// The folder may not be written to, and a move changes its entry `..`.
  case folderClosed(EntryObstacle)
  /// The drop directory is sticky, and this entry of it belongs to somebody else.
  case sticky(entry: String, owner: UInt32)
}

extension MoveAnswer {
  /// The finding that keeps the set in the drop directory; nil if none does.
  func obstacle(in directory: String) -> EntryObstacle? {
    switch self {
    case .allowed: return nil
    case .readOnly:
      return EntryObstacle(
        "the daemon may not move files out of \(directory): its file system is mounted read-only",
        remedy: "mount it read-write; an error of the disk may have made it read-only: journalctl -k -p err")
    case .directoryClosed:
      return EntryObstacle(
        "the daemon may not move files out of \(directory)",
        remedy: "make the directory writable for the daemon's user or group")
    case .folderClosed(let obstacle): return obstacle
    case .sticky(let entry, let owner):
      return EntryObstacle(
        "the daemon may not move '\(entry)' of owner \(owner) out: in \(directory), which is sticky (mode +t), only "
          + "owners may",
        remedy: "chmod -t \(directory), or make the daemon's user the owner of that directory")
    }
  }
}
