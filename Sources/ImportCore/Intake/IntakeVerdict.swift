/// The verdict on something dropped.
public enum IntakeVerdict: Sendable {
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

extension IntakeVerdict {
  func adding(_ findings: [IntakeFinding]) -> IntakeVerdict {
    guard case .waiting(var waiting) = self else { return self }
    waiting.findings += findings
    return .waiting(waiting)
  }
}

/// Facts that a verdict needs.
public enum Need: Hashable, Sendable {
  /// The bytes of the set's control file.
  case control
  /// The bytes of the source's fixed control file.
  case fixedControl
  /// The bytes of the list of digests.
  case sums
  /// The writers of these files; for a folder also its entries, and whether it may be renamed.
  case writers([String])
  /// The digests of these files.
  case digests([String])
}

/// One reason why something in a drop directory is not taken.
public struct IntakeFinding: Hashable, Sendable {
  /// Where: a path relative to the drop directory, `staff/data.json`.
  public var path: String
  /// Line and column in bytes, from 1, where the reason is a place in a text.
  public var place: TextFinding?
  /// The key of the control file's `files` that it is about.
  public var key: String?
  /// What is the matter.
  public var text: String
  /// What a person can do, where waiting alone will not help.
  public var remedy: String?
  /// True if it cannot be taken as it is, so that waiting alone will not help.
  public var isFinal: Bool
  /// True if the daemon lacks a right that it could not grant itself.
  public var isAccess = false

  /// Takes a path and what is the matter there.
  public init(_ path: String, _ text: String, remedy: String? = nil, isFinal: Bool = false) {
    self.path = path
    self.text = text
    self.remedy = remedy
    self.isFinal = isFinal
  }

  /// Takes something that is wrong at a place of a text.
  public init(_ path: String, _ place: TextFinding) {
    self.init(path, place.message, isFinal: true)
    self.place = place
  }

  /// The finding as one line, with its remedy.
  public var line: String {
    let position = place.map { "\(path.shown):\($0.line):\($0.column)" } ?? path.shown
    return "\(position): \(isFinal ? "error: " : "")\(text)" + (remedy.map { " (\($0))" } ?? "")
  }
}

/// A key of the control file's `files` and the file that is meant by it.
public struct MappedFile: Hashable, Sendable {
  /// The key: the upload's `name`.
  public var key: String
  /// The file's name in the set.
  public var file: String

  public init(key: String, file: String) {
    self.key = key
    self.file = file
  }
}

/// A set that was judged complete, with all that a claim must know to take exactly what was judged.
public struct CompleteSet: Hashable, Sendable {
  /// The entries to be renamed, in this order.
  public var claim: Claim
  /// The file for each key, in the order of the control file's `files`.
  public var files: [MappedFile]
  /// Every file that was judged, by its path in the set: for a folder all that is inside, for a flat set the items.
  public var contents: [Claim.Item]
  /// What the set's `SHA256SUMS` says, and was found to be true, by file name; empty without one.
  public var digests: [ExactText: SHA256Digest]
  /// The bytes of the source's fixed control file; nil when the set has one of its own.
  public var fixedControl: [UInt8]?
  /// Its place in the order of arrival.
  public var arrival: Arrival

  /// What people call the set: the folder's name, or the control file's.
  public var name: String { claim.name }
}

/// Something dropped that can never become a delivery: to be taken and rejected.
public struct RefusedDrop: Hashable, Sendable {
  /// What is to be renamed: the folder, or the control file alone, or what there is of an incomplete flat set.
  public var claim: Claim
  /// Every file that was judged, by its path in the set.
  public var contents: [Claim.Item]
  /// The bytes of the source's fixed control file; nil when the set has one of its own.
  public var fixedControl: [UInt8]?
  /// Why.
  public var reason: Reason

  /// What people call it: the folder's name, or the control file's.
  public var name: String { claim.name }
}

/// Finds the files of a set that stands in `work/`, by the same rules by which it was judged complete.
public enum TakenSet {
  /// The file for each key of the control file, in the order of upload, and what is wrong if something is. `listing`
  /// is all that is in the set's folder.
  public static func files(
    of control: ControlFile, in listing: [(name: String, status: EntryStatus)], rules: IntakeRules
  ) -> (files: [MappedFile], findings: [IntakeFinding]) {
    var index = DropIndex(rules: rules)
    index.observe(listing: listing, obstacles: [:], at: MonotonicInstant(nanoseconds: 0))
    return ControlMapping(rules: rules, index: index, prefix: "").map(control)
  }
}
