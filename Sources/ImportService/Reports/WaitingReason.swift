import ImportCore
import ImportStorage

/// Why a set waits though none of its steps failed, and what a person can do.
struct WaitingReason {
  let text: String
  /// Nil if the set goes on by itself.
  let remedy: String?
  /// When the server is asked again, if the set waits for that.
  let next: Timestamp?

  private init(_ text: String, _ remedy: String? = nil, next: Timestamp? = nil) {
    self.text = text
    self.remedy = remedy
    self.next = next
  }

  /// The reason of a set that has had its dry run; nil for a set in any other state.
  ///
  /// - Parameters:
  ///   - mode: The mode for which the set's source is configured; nil if it is not configured any more.
  ///   - isFollowed: True if the dry run's job is followed until its result is known.
  ///   - unread: Why results are not read at present; nil while they are.
  ///   - stop: Why no sets of the source are scheduled at present, with the command that changes it; nil while they are.
  init?(awaiting delivery: Delivery, mode: String?, isFollowed: Bool, unread: String?, stop: String?) {
    guard case .awaitingApproval = delivery.stage else { return nil }
    let decision =
      "run 'haplo-importd approve \(delivery.set)' or 'haplo-importd reject \(delivery.set) --reason TEXT'"
    let isAutomatic = mode == SourceMode.importIfClean.rawValue
    switch CleanImport(delivery) {
    case .person(let reason): self.init(reason, decision)
    case _ where !isAutomatic, nil: self.init("the import needs an approval", decision)
    case .waits where !isFollowed:
      self.init("the result of the dry run is not read: OutcomeKeyFile= is not set", decision)
    case .waits where unread != nil: self.init("the result of the dry run is not read at present", decision)
    case .waits: self.init("the result of the dry run is not known yet")
    case .imports:
      self.init(
        "the dry run ended without errors; the import \(stop == nil ? "is queued next" : "is not queued")",
        stop)
    }
  }

  /// The reason of a set in the queue of its source; nil for any other set, and for the one that is worked on.
  init?(queued delivery: Delivery, _ journal: JournalView, isConfigured: Bool) {
    switch delivery.stage {
    case .claimed, .prepared, .uploading: break
    default: return nil
    }
    if !isConfigured {
      self.init(
        "its source is not configured",
        "add [Source \(delivery.source)], or run 'haplo-importd reject \(delivery.set) --reason TEXT'")
    } else if let stop = journal.server().stop {
      self.init("deliveries are suspended: \(stop.reason.text)", stop.reason.remedy, next: stop.next)
    } else if let stop = journal.stop(delivery.source) {
      self.init(stop)
    } else if let first = journal.first(delivery.source), first != delivery.set {
      self.init("the set is scheduled after set \(first)")
    } else {
      return nil
    }
  }
}
