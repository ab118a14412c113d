public import ImportCore

/// The result of a claim.
public enum ClaimOutcome: Sendable, Hashable {
  /// All files stand in `work/`.
  case taken
  /// Nothing was renamed and nothing will be: what was judged is not there any more.
  case withdrawn(String)
  /// A part was taken, and what should follow was replaced meanwhile: a person must look.
  case torn(Reason)
}

extension ClaimOutcome {
  /// The event that records it.
  public var event: DeliveryEvent {
    switch self {
    case .taken: .claimed
    case .withdrawn(let reason): .claimWithdrawn(reason: reason)
    case .torn(let reason): .held(reason: reason)
    }
  }
}

extension Reason {
  static func claimTorn(_ name: String, _ problem: String) -> Reason {
    Reason(
      problem,
      remedy:
        "the files claimed before '\(name)' are in files/; drop the complete set again, and let the exporting system "
        + "write it elsewhere and move it into the drop directory")
  }
}
