import ImportCore
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
        let verdict = try await ask(.control(file, comment: comment), by: version, sending: file)
        if case .done = verdict { isUploaded = true }
        return try await follow(verdict, delivery) { _ in .controlUploaded(shared: false) }
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
    guard let manifest = delivery.manifest, let server = context.settings.server else { return [] }
    // A set whose turn has come already need not be uploaded to be compared.
    if let objection = await objection(delivery) { return [objection] }
    let request = ServerRequest.Kind.batch(
      control: manifest.control.sha256, comment: comment(delivery) { $0.comment })
    let verdict = try await ask(request, by: version)
    if case .controlMissing = verdict { return await controlMissed(delivery) }
    return try await follow(verdict, delivery) { text in
      guard let batch = BatchID(text) else {
        preconditionFailure("the verdict has checked the name '\(text)'")
      }
      return .batchCreated(batch: batch, server: server.url)
    }
  }

  /// A server that does not have what it took a moment ago gets time before it is sent again.
  private func controlMissed(_ delivery: Delivery) async -> [DeliveryEvent] {
    guard delivery.controlUploads > 0 else { return [.controlMissed] }
    let reason = Reason(
      "the server does not have the control file that it took before", step: .batch, http: 400)
    return [.controlMissed, await failed(reason, after: nil, delivery)]
  }

  func uploadFile(_ key: String, _ batch: BatchID, _ delivery: Delivery) async throws -> [DeliveryEvent] {
    let version = context.settings.changes.version
    if let events = otherServer(delivery) { return events }
    return try await withFile(key, delivery) { file in
      let verdict = try await ask(.file(batch: batch, key: key, file), by: version, sending: file)
      return try await follow(verdict, delivery) { _ in .fileUploaded(key: key) }
    }
  }

  /// Waits for the set's turn, looks at all its files once more, and intends.
  func intend(_ batch: BatchID, _ delivery: Delivery) async throws -> [DeliveryEvent] {
    await line.leaveSlot(set)
    guard let source = context.settings.source(set.source) else { return try await waitForSource() }
    try await line.waitForTurn(set)
    guard try await filesAreUnchanged(delivery) else { return try await inspect(delivery) }
    if let objection = await objection(delivery) { return [objection] }
    // Last of all: a batch that is intended can only be scheduled where it was made.
    return otherServer(delivery) ?? [delivery.intent(mode: source.mode)]
  }

  func schedule(_ batch: BatchID, _ mode: ImportMode, _ delivery: Delivery) async throws -> [DeliveryEvent] {
    try await line.waitWhileOutdated(set)
    let version = context.settings.changes.version
    guard delivery.server == context.settings.server?.url else {
      return [.held(reason: .serverChanged(delivery.server, context.settings.server?.url))]
    }
    let request = ServerRequest.Kind.schedule(batch: batch, mode: mode)
    let verdict = try await ask(request, by: version, grace: (.seconds(15), context.time))
    if case .alreadyScheduled = verdict { return [.scheduled(repeated: true)] }
    return try await follow(verdict, delivery) { _ in .scheduled(repeated: false) }
  }

  /// Asks the server by the settings of this version, which are those by which the step was decided: if others are in force, no
  /// request goes out, and there is no verdict.
  private func ask(
    _ kind: ServerRequest.Kind, by version: UInt64, sending file: UploadFile? = nil,
    grace: (Duration, any Time)? = nil
  ) async throws -> Verdict? {
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

  /// Says what follows from a verdict; without one the step is decided anew. Where a batch is given up, the next one waits as long as any other repetition.
  private func follow(
    _ verdict: Verdict?, _ delivery: Delivery, done: (String) -> DeliveryEvent
  ) async throws -> [DeliveryEvent] {
    switch verdict {
    case nil: return []
    case .done(let text): return [done(text)]
    case .alreadyScheduled: return [.scheduled(repeated: true)]
    case .controlMissing: return [.controlMissed]
    case .again(let reason, let after): return [await failed(reason, after: after, delivery)]
    case .newBatch(let reason, let after):
      return [.batchAbandoned(reason: reason), await failed(reason, after: after, delivery)]
    case .batchGone(let reason):
      return [.batchAbandoned(reason: reason), await failed(reason, after: nil, delivery)]
    case .wrongDigest(let reason):
      return [.digestDiffered(reason: reason), await failed(reason, after: nil, delivery)]
    case .reject(let reason): return [.rejected(reason: reason)]
    case .hold(let reason): return [.held(reason: reason)]
    case .stop(_, let reason, let batchLost): return batchLost ? [.batchAbandoned(reason: reason)] : []
    }
  }

  func failed(
    _ reason: Reason, after: Duration?, _ delivery: Delivery, alone: Bool? = nil
  ) async -> DeliveryEvent {
    let delay = Backoff.delay(
      failures: delivery.failuresInRow + 1, random: Double.random(in: 0...1), serverAsks: after)
    let isAlone: Bool
    if let alone {
      isAlone = alone
    } else {
      isAlone = await context.settings.server?.gate.acceptsOthers(than: set) ?? false
    }
    return .attemptFailed(reason: reason, next: context.time.now.advanced(by: delay), alone: isAlone)
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
