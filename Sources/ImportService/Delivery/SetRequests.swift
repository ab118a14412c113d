import HaploAPI
import ImportCore
import ImportRuntime
import ImportSystem

/// The couriers' shared way to the server.
struct SetRequests: Sendable {
  let settings: CurrentSettings
  let heartbeat: Heartbeat
  let time: any Time
  let batches: SeenBatches
  let uploads = SharedUploads()
  let running = RunningUploads()

  /// Asks the server that was in force when the step was decided: if another configuration is in force, no request goes out,
  /// and there is no verdict.
  func ask(
    _ kind: ServerRequest.Kind, for set: SetID, by server: Server, sending file: UploadFile? = nil,
    grace: (Duration, any Time)? = nil
  ) async throws -> ServerAnswer? {
    defer { running.end(set) }
    return try await server.ask(kind, for: set, grace: grace) {
      let activity = heartbeat.begin(
        "asking the server for \(set)", limit: settings.longestSilence)
      let upload = file.map { running.begin($0, of: set, at: time.monotonic) }
      return (activity, { upload?.sent = $0 })
    }
  }
}
