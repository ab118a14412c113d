import HaploAPI
import ImportCore
import ImportRuntime
import ImportSystem

/// The steps that ask the server, and what follows from its answers.
extension Courier {
  func uploadControl(_ delivery: Delivery) async throws -> [DeliveryEvent] {
    guard let manifest = delivery.manifest else { return [] }
    guard try await context.uploads.begin(manifest.control.sha256) else {
      return [.controlUploaded(shared: true)]
    }
    var isUploaded = false
    let events: [DeliveryEvent]
    do {
      events = try await withFile(nil, delivery) { file in
        let version = context.settings.changes.version
        let comment = comment(delivery) { $0.controlComment }
        let answer = try await ask(.control(file, comment: comment), by: version, sending: file)
        if case .done = answer?.verdict { isUploaded = true }
        return follow(answer, .uploadControl, delivery)
      }
    } catch {
      await context.uploads.end(manifest.control.sha256, isUploaded: false)
      throw error
    }
    await context.uploads.end(manifest.control.sha256, isUploaded: isUploaded)
    return events
  }

  func createBatch(_ delivery: Delivery) async throws -> [DeliveryEvent] {
    let version = context.settings.changes.version
    guard let manifest = delivery.manifest, context.settings.server != nil else { return [] }
    // A set whose turn has come already need not be uploaded to be compared.
    if let objection = try await objection(delivery) { return [objection] }
    let request = ServerRequest.Kind.batch(
      control: manifest.control.sha256, comment: comment(delivery) { $0.comment })
    var answer = try await ask(request, by: version)
    if case .done(let text) = answer?.verdict, let batch = BatchID(text), !context.batches.insert(batch) {
      answer?.verdict = .knownBatch(batch)
    }
    return follow(answer, .createBatch, delivery)
  }

  func uploadFile(_ key: String, _ batch: BatchID, _ delivery: Delivery) async throws -> [DeliveryEvent] {
    let version = context.settings.changes.version
    if let events = otherServer(delivery) { return events }
    return try await withFile(key, delivery) { file in
      let answer = try await ask(.file(batch: batch, key: key, file), by: version, sending: file)
      return follow(answer, .uploadFile(key: key, batch: batch), delivery)
    }
  }

  /// Waits for the set's turn, looks at all its files once more, and intends.
  func intend(_ batch: BatchID, _ delivery: Delivery) async throws -> [DeliveryEvent] {
    line.leaveSlot(set)
    guard let source = context.settings.source(set.source) else { return try await waitForSource() }
    try await line.waitForTurn(set)
    guard try await filesAreUnchanged(delivery) else { return try await inspect(delivery) }
    if let objection = try await objection(delivery) { return [objection] }
    // Last of all: a batch that is intended can only be scheduled where it was made.
    return otherServer(delivery) ?? [delivery.intent(mode: source.mode)]
  }

  /// Schedules the batch. `uncalled` is this batch as long as no call for it can have been received.
  func schedule(
    _ batch: BatchID, _ mode: ImportMode, _ delivery: Delivery, _ uncalled: inout BatchID?
  ) async throws -> [DeliveryEvent] {
    try await line.waitWhileOutdated(set)
    let version = context.settings.changes.version
    guard delivery.server == context.settings.server?.url else {
      return [.held(reason: .serverChanged(delivery.server, context.settings.server?.url))]
    }
    let isFirstCall = uncalled == batch
    uncalled = nil
    let request = ServerRequest.Kind.schedule(batch: batch, mode: mode)
    let answer = try await ask(request, by: version, grace: (.seconds(15), context.time))
    if isFirstCall, answer?.isUnsent == true { uncalled = batch }
    return follow(answer, .schedule(batch: batch, mode: mode), delivery, isFirstCall: isFirstCall)
  }

  /// Asks the server by the settings of this version, which are those by which the step was decided: if others are in force, no
  /// request goes out, and there is no verdict.
  private func ask(
    _ kind: ServerRequest.Kind, by version: UInt64, sending file: UploadFile? = nil,
    grace: (Duration, any Time)? = nil
  ) async throws -> ServerAnswer? {
    let changes = context.settings.changes
    guard let server = context.settings.server else { throw CancellationError() }
    defer { context.running.end(set) }
    return try await server.ask(kind, for: set, grace: grace, isCurrent: { changes.version == version }) {
      let activity = context.heartbeat.begin(
        "asking the server for \(set)", limit: context.settings.longestSilence)
      let upload = file.map { context.running.begin($0, of: set, at: context.time.monotonic) }
      return (activity, { upload?.sent = $0 })
    }
  }

  /// The events that follow from an answer; without one the step is decided anew.
  private func follow(
    _ answer: ServerAnswer?, _ step: DeliveryStep, _ delivery: Delivery, isFirstCall: Bool = false
  ) -> [DeliveryEvent] {
    guard let answer else { return [] }
    let answered = AnsweredStep(
      delivery, step, server: answer.server, isAlone: answer.isAlone, isFirstCall: isFirstCall)
    let events = answered.events(after: answer.verdict) { asked in retryTime(delivery, asked) }
    let holdAfter = context.settings.source(set.source)?.holdAfter ?? .seconds(Int64.max / 2)
    return answered.holdingAtLimit(events, now: context.time.now, holdAfter: holdAfter)
  }

  /// When a failed step is repeated.
  private func retryTime(_ delivery: Delivery, _ asked: Duration?) -> Timestamp {
    context.time.now.advanced(
      by: Backoff.delay(
        failures: delivery.failuresInRow + 1, random: Double.random(in: 0...1), serverAsks: asked))
  }

  /// A step failed for a reason of the set's own.
  func failed(_ reason: Reason, _ delivery: Delivery) -> DeliveryEvent {
    .attemptFailed(reason: reason, next: retryTime(delivery, nil), alone: true)
  }

  /// A batch belongs to the server that made it. After a change of `URL=` the set begins anew at the other one.
  private func otherServer(_ delivery: Delivery) -> [DeliveryEvent]? {
    guard let url = context.settings.server?.url, delivery.server != url else { return nil }
    return [
      .batchAbandoned(
        reason: Reason("URL= was changed from \(delivery.server ?? "another server") to \(url)"))
    ]
  }

  func comment(_ delivery: Delivery, _ template: (SourceSettings) -> CommentTemplate) -> String? {
    context.settings.source(set.source).map { source in
      template(source).text(
        source: set.source, set: set, name: delivery.claim.name, completed: delivery.claim.completed)
    }
  }
}

extension Reason {
  static func serverChanged(_ old: String?, _ new: String?) -> Reason {
    Reason(
      "its batch may have been scheduled at \(old ?? "another server"), and URL= is now \(new ?? "unknown")",
      remedy: "look in that server's list of batch import jobs whether it was", step: .schedule)
  }
}
