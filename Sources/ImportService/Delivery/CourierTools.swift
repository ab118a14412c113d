import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem

/// The tools of a courier, for nobody else.
struct CourierTools: Sendable {
  let recorder: SetRecorder
  let settings: CurrentSettings
  let time: any Time
  let blocking: BlockingWork
  let local: LocalWork
  let requests: SetRequests
  let notices: NoticeBoard
  let results: ResultFiles

  /// Takes the parts, and makes from them what only couriers have.
  init(
    recorder: SetRecorder, settings: CurrentSettings, time: any Time, blocking: BlockingWork,
    local: LocalWork, notices: NoticeBoard
  ) {
    self.recorder = recorder
    self.settings = settings
    self.time = time
    self.blocking = blocking
    self.local = local
    self.notices = notices
    requests = SetRequests(
      settings: settings, heartbeat: blocking.heartbeat, time: time, batches: SeenBatches(recorder.journal))
    results = ResultFiles(
      blocking: blocking, fileSystem: recorder.spool.root.fileSystem, log: recorder.log)
  }
}
