/// What was found in a file that was then in a certain state; it says nothing about any other state.
public struct Seen<Value: Hashable & Sendable>: Hashable, Sendable {
  /// The state.
  public var identity: FileIdentity
  /// What was found.
  public var value: Value

  /// Takes a state and what was found then.
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

  /// Takes what is wrong and what to do.
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

/// What the kernel says about moving a set out of its drop directory.
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

  /// Begins with nothing known.
  public init() {}

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

/// What must be known before a verdict is possible.
public enum Need: Hashable, Sendable {
  /// The bytes of the set's control file.
  case control
  /// The bytes of the source's fixed control file.
  case fixedControl
  /// The bytes of the list of digests.
  case sums
  /// Who writes to these files; for a folder also what is in it now, and whether it may be renamed.
  case writers([String])
  /// The digests of these files.
  case digests([String])
}

/// What is to be done about something dropped.
public enum IntakeVerdict: Sendable {
  /// It is complete.
  case complete(CompleteSet)
  /// It is not complete yet, or never will be unless somebody does something.
  case waiting(Waiting)
  /// It is to be taken and rejected.
  case refused(RefusedDrop)
  /// Nothing says that it is meant to be a set; why not.
  case notASet(IntakeFinding)
  /// More must be known first.
  case needs(Need)

  /// Why something waits, and when to look again without being told to.
  public struct Waiting: Hashable, Sendable {
    /// Why.
    public var findings: [IntakeFinding]
    /// When time alone may have made it complete; nil if only a change can.
    public var askAgain: MonotonicInstant?
    /// True if somebody writes: the kernel is asked again after a short while.
    public var isBusy: Bool
    /// The set's place in the order of arrival, if it waits for its quiet time and nothing else.
    public var arrival: Arrival?

    /// Takes why something waits, and for what.
    public init(
      findings: [IntakeFinding], askAgain: MonotonicInstant? = nil, isBusy: Bool = false,
      arrival: Arrival? = nil
    ) {
      self.findings = findings
      self.askAgain = askAgain
      self.isBusy = isBusy
      self.arrival = arrival
    }
  }
}
