import HaploAPI
import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem

/// The steps that ask the server, and what follows from its answers.
extension Courier {
  func uploadControl(_ delivery: Delivery) async throws -> [DeliveryEvent] {
    guard let manifest = delivery.manifest else { return [] }
    guard try await tools.requests.uploads.begin(manifest.control.sha256) else {
      return [.controlUploaded(shared: true)]
    }
    var isUploaded = false
    let events: [DeliveryEvent]
    do {
      events = try await withFile(nil, delivery) { file in
        let server = try server()
        let comment = comment(delivery) { $0.controlComment }
        let answer = try await tools.requests.ask(
          .control(file, comment: comment), for: set, by: server, sending: file)
        if case .done = answer?.verdict { isUploaded = true }
        return follow(answer, .uploadControl, delivery)
      }
    } catch {
      await tools.requests.uploads.end(manifest.control.sha256, isUploaded: false)
      throw error
    }
    await tools.requests.uploads.end(manifest.control.sha256, isUploaded: isUploaded)
    return events
  }

  func createBatch(_ delivery: Delivery) async throws -> [DeliveryEvent] {
    guard let manifest = delivery.manifest else { return [] }
    let server = try server()
    // A set whose turn has come already need not be uploaded to be compared.
    if let objection = try await objection(delivery) { return [objection] }
    let request = ServerRequest.Kind.batch(
      control: manifest.control.sha256, comment: comment(delivery) { $0.comment })
    var answer = try await tools.requests.ask(request, for: set, by: server)
    if case .done(let text) = answer?.verdict, let batch = BatchID(text),
      !tools.requests.batches.insert(batch)
    {
      answer?.verdict = .knownBatch(batch)
    }
    return follow(answer, .createBatch, delivery)
  }

  func uploadFile(_ key: String, _ batch: BatchID, _ delivery: Delivery) async throws -> [DeliveryEvent] {
    let server = try server()
    if let events = otherServer(delivery, server) { return events }
    return try await withFile(key, delivery) { file in
      let answer = try await tools.requests.ask(
        .file(batch: batch, key: key, file), for: set, by: server, sending: file)
      return follow(answer, .uploadFile(key: key, batch: batch), delivery)
    }
  }

  /// Waits for the set's turn, looks at all its files once more, and intends.
  func intend(_ batch: BatchID, _ delivery: Delivery) async throws -> [DeliveryEvent] {
    line.leaveSlot(set)
    guard let source = settings.source(set.source) else { return try await waitForSource() }
    try await line.waitForTurn(set)
    guard try await filesAreUnchanged(delivery) else { return try await inspect(delivery) }
    if let objection = try await objection(delivery) { return [objection] }
    if tools.requests.batches.isRepeated(batch) { return [.batchAbandoned(reason: .batchOfTwoSets(batch))] }
    // Last of all: a batch that is intended can only be scheduled where it was made.
    return try otherServer(delivery, server()) ?? [delivery.intent(mode: source.mode)]
  }

  /// Schedules the batch. `uncalled` is this batch as long as no call for it can have been received.
  func schedule(
    _ batch: BatchID, _ mode: ImportMode, _ delivery: Delivery, _ uncalled: inout BatchID?
  ) async throws -> [DeliveryEvent] {
    try await line.waitWhileOutdated(set)
    let server = try server()
    guard delivery.server == server.url else {
      return [.held(reason: .serverChanged(delivery.server, server.url))]
    }
    let isFirstCall = uncalled == batch
    uncalled = nil
    let request = ServerRequest.Kind.schedule(batch: batch, mode: mode)
    let answer = try await tools.requests.ask(
      request, for: set, by: server, grace: (.seconds(15), tools.time))
    if isFirstCall, answer?.isUnsent == true { uncalled = batch }
    return follow(answer, .schedule(batch: batch, mode: mode), delivery, isFirstCall: isFirstCall)
  }

  /// Opens the control file (nil) or the data file of a key, if it still is what the manifest says, and lends it to
  /// `body`. A file that looks otherwise is read again first.
  func withFile(
    _ key: String?, _ delivery: Delivery, _ body: (UploadFile) async throws -> [DeliveryEvent]
  ) async throws -> [DeliveryEvent] {
    guard let content = delivery.manifest?.content(of: key) else {
      preconditionFailure("step for a key that the manifest of \(set) does not have")
    }
    let location = SetFiles(spool: spool, set: set, claim: delivery.claim)
    let file: OpenFile
    do {
      let opened = try await tools.blocking.workers.run { () throws(SystemError) in
        let (file, status) = try location.open(content, isControl: key == nil)
        return (file, ImportCore.FileIdentity(status))
      }
      guard opened.1 == content.identity else { return try await inspect(delivery) }
      file = opened.0
    } catch let error as SystemError where error.isNotRegularFile {
      return try await inspect(delivery)  // which says what stands there, and what can be done
    } catch let error as SystemError {
      return try await failedLocally(error, delivery)
    }
    return try await body(
      UploadFile(file: file, name: content.file, size: content.size, digest: content.sha256))
  }

  /// Looks at all files once more, just before the batch is scheduled.
  func filesAreUnchanged(_ delivery: Delivery) async throws -> Bool {
    guard let manifest = delivery.manifest else { return false }
    let location = SetFiles(spool: spool, set: set, claim: delivery.claim)
    return await tools.blocking.workers.run { () -> Bool in
      (try? location.areUnchanged(manifest)) ?? false
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
    return answered.holdingAtLimit(events, now: now, holdAfter: settings.holdAfter(of: set.source))
  }

  /// When a failed step is repeated.
  private func retryTime(_ delivery: Delivery, _ asked: Duration?) -> Timestamp {
    now.advanced(
      by: Backoff.delay(
        failures: delivery.failuresInRow + 1, random: Double.random(in: 0...1), serverAsks: asked))
  }

  /// A step failed for a reason of the set's own.
  func failed(_ reason: Reason, _ delivery: Delivery) -> DeliveryEvent {
    .attemptFailed(reason: reason, next: retryTime(delivery, nil), alone: true)
  }

  /// A batch belongs to the server that made it. After a change of `URL=` the set begins anew at the other one.
  private func otherServer(_ delivery: Delivery, _ server: Server) -> [DeliveryEvent]? {
    guard delivery.server != server.url else { return nil }
    return [
      .batchAbandoned(
        reason: Reason("URL= was changed from \(delivery.server ?? "another server") to \(server.url)"))
    ]
  }

  /// The server in force. It is asked for before anything else that a request depends on: after a reload it lets none pass.
  private func server() throws -> Server {
    guard let server = settings.server else { throw CancellationError() }
    return server
  }

  func comment(_ delivery: Delivery, _ template: (SourceSettings) -> CommentTemplate) -> String? {
    settings.source(set.source).map { source in
      template(source).text(
        source: set.source, set: set, name: delivery.claim.name, completed: delivery.claim.completed)
    }
  }
}

extension Reason {
  static func serverChanged(_ old: String?, _ new: String) -> Reason {
    Reason(
      "its batch may have been scheduled at \(old ?? "another server"), and URL= is now \(new)",
      remedy: "look in that server's list of batch import jobs whether it was", step: .schedule)
  }
}
