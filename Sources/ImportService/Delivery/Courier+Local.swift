import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem

/// The steps that need no server: claims, reading, moving.
extension Courier {
  func finishClaim(_ delivery: Delivery) async throws -> [DeliveryEvent] {
    let fixed = fixedControlPath(delivery)
    let outcome = try await tools.local.untilDone("claim", of: set) { () throws(SystemError) in
      try await tools.blocking.onDrop(of: set.source, "claim of \(set)") {
        [spool] progress throws(SystemError) in
        let content = try fixed.map { path throws(SystemError) in try spool.readFixedControl(path) }
        return try spool.claim(delivery.claim, as: delivery.set, fixedControl: content, progress)
      }
    }
    return [outcome.event]
  }

  /// Reads the set as its source wants it now; nil if that is not in the configuration any more.
  private var inspector: Inspector? {
    settings.source(set.source).map { source in
      Inspector(
        spool: spool, rules: IntakeRules(source), check: source.check,
        readerLimit: settings.configuration.server.readerLimit, recordKeys: source.guards.recordKeys)
    }
  }

  func inspect(_ delivery: Delivery) async throws -> [DeliveryEvent] {
    guard var chosen = inspector else { return try await waitForSource() }
    // What the server has is not judged any more: the files are read for the receipt.
    if delivery.found != nil { chosen.check = .off }
    let inspector = chosen
    do {
      let result = try await tools.blocking.onReader(of: set.source, "reading the files of \(set)") {
        progress throws(SystemError) in try inspector.inspect(delivery, progress)
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
      return try await tools.blocking.onReader(of: set.source, "granting access to \(set)") {
        [spool, set] _ throws(SystemError) in
        try SetFiles.grantAccess(in: spool.openSet(set)) > 0
      }
    } catch {
      if error.isCancelled { throw CancellationError() }
      return false
    }
  }

  func archive(_ delivery: Delivery) async throws -> [DeliveryEvent] {
    let now = now
    do {
      let unreadable = try await tools.local.untilDone(
        "archive", of: set, atMost: SetObstacles.triesBeforeHold
      ) {
        () throws(SystemError) in
        try await tools.blocking.onReader(of: set.source, "archiving \(set)") {
          [spool] progress throws(SystemError) in
          try SetMover(spool).archive(delivery, at: now, progress)
        }
      }
      if let error = unreadable.first {
        tools.recorder.log.write(
          LogEvent(.filesUnreadable).with("set", set).with("source", set.source)
            .with("files", unreadable.count)
            .with("reason", error).with("path", spool.path(.archive, of: set)))
      }
    } catch let error as SystemError {
      return [.held(reason: .cannotBeArchived(error))]
    }
    if let result = ResultFile(accepted: delivery) { await tellExporter(result) }
    return [.archived]
  }

  func moveBack(_ delivery: Delivery, from place: Delivery.Place) async throws -> [DeliveryEvent] {
    let isThere = try await tools.local.untilDone("return", of: set) { () throws(SystemError) in
      try await tools.blocking.onReader(of: set.source, "return of \(set)") {
        [spool] _ throws(SystemError) in
        try SetMover(spool).moveBack(delivery.set, from: place)
      }
    }
    return isThere ? [.returned] : [.returned, .held(reason: .folderGone(place.rawValue))]
  }

  func remove(from place: Delivery.Place) async throws -> [DeliveryEvent] {
    try await tools.local.untilDone("discard", of: set) { [spool, set] () throws(SystemError) in
      try SetMover(spool).discard(set, from: place)
    }
    return [.removed]
  }

  func file(_ delivery: Delivery, as state: SetState, _ reason: Reason) async throws -> [DeliveryEvent] {
    let now = now
    let filed = FiledReason(delivery, as: state, reason, at: now)
    try await tools.local.untilDone(state.rawValue, of: set) { () throws(SystemError) in
      try await tools.blocking.onReader(of: set.source, "moving \(set) to \(state.rawValue)") {
        [spool] _ throws(SystemError) in try SetMover(spool).file(delivery, filed)
      }
    }
    // Before this is recorded as done: after a crash in between it is told once more, rather than not at all.
    let notice = Notice(filed, path: spool.path(filed.area, of: set))
    await tools.blocking.workers.run { [notices = tools.notices] in notices.put(notice) }
    await tellExporter(ResultFile(delivery, as: state, reason, at: now))
    return [.filed]
  }

  /// Leaves the result where the exporter can see it, if its source wants that. Nothing depends on it: what stands in the
  /// way is only said.
  private func tellExporter(_ result: ResultFile) async {
    guard let source = settings.source(set.source), source.resultFiles else { return }
    await tools.results.leave(result, for: set, in: source)
  }

  /// Waits for a source that was taken out of the configuration: its sets must not be lost, and cannot go on.
  func waitForSource() async throws -> [DeliveryEvent] {
    line.leaveSlot(set)
    tools.recorder.log.write(
      LogEvent(.setDeferred).with("set", set).with("source", set.source)
        .with("state", SetState.deferred.rawValue)
        .with("reason", "its source is not in the configuration any more"))
    try await settings.waitForSource(set.source)
    return []
  }

  /// Where a fixed control file is read for a set that did not bring its own.
  private func fixedControlPath(_ delivery: Delivery) -> String? {
    delivery.claim.control == nil ? settings.source(set.source)?.controlFile : nil
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
