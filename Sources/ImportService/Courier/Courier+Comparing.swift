import ImportCore

/// Comparing a set with the last scheduled one of its source (`OnDuplicate=`, `ShrinkLimit=`).
extension Courier {
  /// What is to happen in place of sending the set; nil if nothing speaks against it, or if an earlier set of the source
  /// is still undecided, for then it is not known yet which one will be the last.
  func objection(_ delivery: Delivery) async -> DeliveryEvent? {
    guard let source = context.settings.source(set.source), let server = context.settings.server,
      context.journal.head(of: set.source, source.order) == set
    else { return nil }
    return Comparison(source, server: server.url).objection(
      to: delivery, intending: delivery.intent(mode: source.mode),
      context.journal.history(of: set.source))
  }

  /// Records that the set is skipped, unless another one was scheduled since it was compared (with `Order=name` one may
  /// have gone first): then it is compared anew.
  func recordSkip(_ event: DeliveryEvent) async throws {
    do {
      try await recordAndTell(event)
    } catch JournalFailure.contradiction {
      return
    }
  }
}
