import HaploAPI
import ImportCore
import ImportStorage
import ImportSystem

/// Comparing a set with the last scheduled one of its source (`OnDuplicate=`, `ShrinkLimit=`, and the guards of records).
extension Courier {
  /// What is to happen in place of sending the set; nil if nothing speaks against it, or if an earlier set of the source
  /// is still undecided, for then it is not known yet which one will be the last.
  func objection(_ delivery: Delivery) async throws -> DeliveryEvent? {
    while true {
      guard let source = settings.source(set.source), let server = settings.server,
        journal.head(of: set.source, source.order) == set
      else { return nil }
      var comparison = Comparison(
        source, server: server.url, origins: settings.configuration.values)
      let intent = delivery.intent(mode: source.mode)
      let history = journal.history(of: set.source)
      guard let demands = comparison.recordKeyDemands(delivery, intending: intent, history) else {
        return comparison.objection(to: delivery, intending: intent, history)
      }
      let check = RecordKeyCheck(spool: spool, set: set)
      let keys = try await tools.local.untilDone("comparing", of: set) { () throws(SystemError) in
        try await tools.blocking.onReader(of: set.source, "comparing the record keys of \(set)") {
          progress throws(SystemError) in try check.compare(with: demands.last, demands.files, progress)
        }
      }
      comparison.keys = keys
      // With another order than that of arrival, another set may have become the last one meanwhile.
      guard journal.head(of: set.source, source.order) == set,
        journal.history(of: set.source).hasSameLastSets(as: history)
      else { continue }
      return comparison.objection(to: delivery, intending: intent, history)
    }
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

extension SourceHistory {
  fileprivate func hasSameLastSets(as other: SourceHistory) -> Bool {
    lastImport?.set == other.lastImport?.set && lastDryRun?.set == other.lastDryRun?.set
  }
}
