/// The verdict on something dropped.
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
