import HaploAPI
import ImportCore
import ImportRuntime
import ImportSystem

/// What couriers share to ask the server.
struct SetRequests: Sendable {
  let settings: CurrentSettings
  let heartbeat: Heartbeat
  let time: any Time
  let batches: SeenBatches
  let uploads = SharedUploads()
  let running = RunningUploads()

  /// Asks the server by the settings of this version, which are those by which the step was decided: if others are in force, no
  /// request goes out, and there is no verdict.
  func ask(
    _ kind: ServerRequest.Kind, for set: SetID, by version: UInt64, sending file: UploadFile? = nil,
    grace: (Duration, any Time)? = nil
  ) async throws -> ServerAnswer? {
    let changes = settings.changes
    guard let server = settings.server else { throw CancellationError() }
    defer { running.end(set) }
    return try await server.ask(kind, for: set, grace: grace, isCurrent: { changes.version == version }) {
      let activity = heartbeat.begin(
        "asking the server for \(set)", limit: settings.longestSilence)
      let upload = file.map { running.begin($0, of: set, at: time.monotonic) }
      return (activity, { upload?.sent = $0 })
    }
  }
}
