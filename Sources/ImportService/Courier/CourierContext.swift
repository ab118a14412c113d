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
  var running = RunningUploads()
  var settings: CurrentSettings
  var notices: NoticeBoard
}
