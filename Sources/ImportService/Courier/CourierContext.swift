import ImportCore
import ImportSystem

/// What the couriers of all sources work with.
struct CourierContext: Sendable {
  var journal: Journal
  var spool: Spool
  var workers: WorkerPool
  var time: any Time
  var log: any Log
  var heartbeat: Heartbeat
  var uploads: SharedUploads
  var batches: SeenBatches
  var running = RunningUploads()
  var settings: CurrentSettings
  var notices: NoticeBoard
}

extension CourierContext {
  /// Reads sets as their source wants it now; nil if that is not in the configuration any more.
  func inspector(for source: SourceName) -> Inspector? {
    settings.source(source).map { source in
      Inspector(
        spool: spool, rules: IntakeRules(source), check: source.check,
        readerLimit: settings.configuration.server.readerLimit)
    }
  }
}
