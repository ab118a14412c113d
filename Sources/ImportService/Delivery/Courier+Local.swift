import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem

/// The steps that need no server: claims, reading, moving. What the disk refuses is tried again for as long as it
/// takes, for nothing may be lost because a disk was full.
extension Courier {
  func finishClaim(_ delivery: Delivery) async throws -> [DeliveryEvent] {
    let fixed = fixedControlPath(delivery)
    let outcome = try await untilDone("claim") { () throws(SystemError) in
      try await context.onDrop(of: set.source, "claim of \(set)") {
        [spool = context.spool] progress throws(SystemError) in
        let content = try fixed.map { path throws(SystemError) in try spool.readFixedControl(path) }
        return try spool.claim(delivery.claim, as: delivery.set, fixedControl: content, progress)
      }
    }
    return [outcome.event]
  }

  func inspect(_ delivery: Delivery) async throws -> [DeliveryEvent] {
    guard var chosen = context.inspector(for: set.source) else { return try await waitForSource() }
    // What the server has is not judged any more: the files are read for the receipt.
    if delivery.found != nil { chosen.check = .off }
    let inspector = chosen
    do {
      let result = try await context.onReader(of: set.source, "reading the files of \(set)") {
        progress throws(SystemError) in
        try inspector.inspect(delivery, progress)
      }
      switch result {
      case .manifest(let manifest): return [.inspected(manifest: manifest)]
      case .rejected(let reason):
        return [delivery.found == nil ? .rejected(reason: reason) : .held(reason: reason)]
      }
    } catch {
      if error.isCancelled { throw CancellationError() }
      return try await failedLocally(error, delivery)
    }
  }

  /// Decides what follows when a set's own files cannot be read. An exporter that still owns them can have taken the right to
  /// read them away: it is granted again, and the step is tried again. A set whose files are gone, or stay closed, is held.
  func failedLocally(_ error: SystemError, _ delivery: Delivery) async throws -> [DeliveryEvent] {
    if error.isPermission, try await grantAccess() { return [failed(Reason(error.description), delivery)] }
    if error.isMissing || error.isPermission || error.isNotDirectory {
      return [.held(reason: .unreadable(error))]
    }
    return [failed(Reason(error.description), delivery)]
  }

  /// Grants the daemon access to the set's files in `work/` again.
  ///
  /// - Returns: False if there was nothing to grant, or it may not be granted.
  private func grantAccess() async throws -> Bool {
    do {
      return try await context.onReader(of: set.source, "granting access to \(set)") {
        [spool = context.spool, set] _ throws(SystemError) in
        try SetFiles.grantAccess(in: spool.openSet(set)) > 0
      }
    } catch {
      if error.isCancelled { throw CancellationError() }
      return false
    }
  }

  func archive(_ delivery: Delivery) async throws -> [DeliveryEvent] {
    let now = context.time.now
    do {
      let unreadable = try await untilDone("archive", atMost: SetObstacles.triesBeforeHold) {
        () throws(SystemError) in
        try await context.onReader(of: set.source, "archiving \(set)") {
          [spool = context.spool] progress throws(SystemError) in
          try SetMover(spool).archive(delivery, at: now, progress)
        }
      }
      if let error = unreadable.first {
        context.log.write(
          LogEvent(.filesUnreadable).with("set", set).with("source", set.source).with(
            "files", unreadable.count
          )
          .with("reason", error).with("path", context.spool.path(.archive, of: set)))
      }
    } catch let error as SystemError {
      return [.held(reason: .cannotBeArchived(error))]
    }
    if let result = ResultFile(accepted: delivery) { await tellExporter(result) }
    return [.archived]
  }

  func moveBack(_ delivery: Delivery, from place: Delivery.Place) async throws -> [DeliveryEvent] {
    let isThere = try await untilDone("return") { () throws(SystemError) in
      try await context.onReader(of: set.source, "return of \(set)") {
        [spool = context.spool] _ throws(SystemError) in
        try SetMover(spool).moveBack(delivery.set, from: place)
      }
    }
    return isThere ? [.returned] : [.returned, .held(reason: .folderGone(place.rawValue))]
  }

  func remove(from place: Delivery.Place) async throws -> [DeliveryEvent] {
    try await untilDone("discard") { [spool = context.spool, set] () throws(SystemError) in
      try SetMover(spool).discard(set, from: place)
    }
    return [.removed]
  }

  func file(_ delivery: Delivery, as state: SetState, _ reason: Reason) async throws -> [DeliveryEvent] {
    let now = context.time.now
    let filed = FiledReason(delivery, as: state, reason, at: now)
    try await untilDone(state.rawValue) { () throws(SystemError) in
      try await context.onReader(of: set.source, "moving \(set) to \(state.rawValue)") {
        [spool = context.spool] _ throws(SystemError) in try SetMover(spool).file(delivery, filed)
      }
    }
    // Before this is recorded as done: after a crash in between it is told once more, rather than not at all.
    let notice = Notice(filed, path: context.spool.path(filed.area, of: set))
    await context.workers.run { [notices = context.notices] in notices.put(notice) }
    await tellExporter(ResultFile(delivery, as: state, reason, at: now))
    return [.filed]
  }

  /// Leaves the result where the exporter can see it, if its source wants that. Nothing depends on it: what stands in the
  /// way is only said.
  private func tellExporter(_ result: ResultFile) async {
    guard let source = context.settings.source(set.source), source.resultFiles else { return }
    await context.leave(result, for: set, in: source)
  }

  /// Waits for a source that was taken out of the configuration: its sets must not be lost, and cannot go on.
  func waitForSource() async throws -> [DeliveryEvent] {
    line.leaveSlot(set)
    context.log.write(
      LogEvent(.setDeferred).with("set", set).with("source", set.source).with(
        "state", SetState.deferred.rawValue
      )
      .with("reason", "its source is not in the configuration any more"))
    try await context.settings.waitForSource(set.source)
    return []
  }

  /// Where a fixed control file is read for a set that did not bring its own.
  private func fixedControlPath(_ delivery: Delivery) -> String? {
    delivery.claim.control == nil ? context.settings.source(set.source)?.controlFile : nil
  }

  /// Repeats local work every 10 s until it succeeds, and logs once why it does not. A failure that the set itself causes
  /// ends it after `tries`.
  ///
  /// - Throws: ``SystemError`` after that many tries; ``UnfinishedWork`` after one for a command that ends;
  ///   `CancellationError`.
  func untilDone<Value: Sendable>(
    _ purpose: String, atMost tries: Int = .max, _ body: () async throws(SystemError) -> Value
  ) async throws -> Value {
    while true {
      let failure: SystemError
      do throws(SystemError) {
        let value = try await body()
        context.obstacles.clear(set)
        return value
      } catch {
        failure = error
      }
      if failure.isCancelled { throw CancellationError() }
      guard context.isPatient else { throw UnfinishedWork(error: failure) }
      let count = context.obstacles.note(failure, purpose, of: set, at: context.time.now)
      if count == 1 { context.log.write(.localFailure(failure, set: set, purpose: purpose)) }
      if count == SetObstacles.passingTries {
        context.log.write(
          LogEvent(.setObstructed).with("set", set).with("source", set.source).with("purpose", purpose)
            .with("reason", failure))
        context.journal.changes.signal()  // 'once' looks whether anything else can go on
      }
      if count >= tries, !failure.isOfSurroundings {
        context.obstacles.clear(set)
        throw failure
      }
      try await context.time.sleep(for: .seconds(10))
    }
  }
}

extension LogEvent {
  static func localFailure(_ error: SystemError, set: SetID, purpose: String) -> LogEvent {
    LogEvent(error.isNoSpace ? .diskFull : .inputOutputError)
      .with("set", set).with("source", set.source).with("purpose", purpose).with("reason", error)
      .with("remedy", "it is tried again every 10 s until the cause is gone")
  }
}

extension Reason {
  static func folderGone(_ area: String) -> Reason {
    Reason("the set's folder is not in \(area)/ any more", remedy: "drop the set again if it is still wanted")
  }

  static func cannotBeArchived(_ error: SystemError) -> Reason {
    Reason(
      "the set was sent, but cannot be moved to the archive: \(error)",
      remedy:
        "the server has it: do not send it again; remove the cause and keep or delete the folder as you need")
  }

  static func unreadable(_ error: SystemError) -> Reason {
    Reason(
      error.description,
      remedy: "give the daemon's user the right to read all files of the set (its group, or a default ACL)")
  }
}
