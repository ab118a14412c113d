import ImportCore
import ImportSystem

/// The steps that need no server: claims, reading, moving. What the disk refuses is tried again for as long as it
/// takes, for nothing may be lost because a disk was full.
extension Courier {
  func finishClaim(_ delivery: Delivery) async throws -> [DeliveryEvent] {
    let fixed = fixedControlPath(delivery)
    let outcome = try await untilDone("claim") { [spool = context.spool] () throws(SystemError) in
      let content = try fixed.map { path throws(SystemError) in try spool.readFixedControl(path) }
      return try spool.claim(delivery.claim, as: delivery.set, fixedControl: content)
    }
    return [outcome.event]
  }

  func inspect(_ delivery: Delivery) async throws -> [DeliveryEvent] {
    guard let inspector = context.inspector(for: set.source) else { return try await waitForSource() }
    let activity = context.heartbeat.begin("reading the files of \(set)")
    defer { activity.end() }
    do {
      let result = try await context.workers.run { () throws(SystemError) in
        try inspector.inspect(delivery) { activity.progress() }
      }
      switch result {
      case .manifest(let manifest): return [.inspected(manifest: manifest)]
      case .rejected(let reason): return [.rejected(reason: reason)]
      }
    } catch {
      return failedLocally(error, delivery)
    }
  }

  /// What to do when a set's own files cannot be read: what is gone or forbidden is for a person, the rest may pass.
  func failedLocally(_ error: SystemError, _ delivery: Delivery) -> [DeliveryEvent] {
    if error.isMissing || error.isPermission || error.isNotDirectory {
      return [.held(reason: .unreadable(error))]
    }
    return [failed(Reason(error.description), delivery)]
  }

  func archive(_ delivery: Delivery) async throws -> [DeliveryEvent] {
    let now = context.time.now
    try await untilDone("archive") { [spool = context.spool] () throws(SystemError) in
      try spool.archive(delivery, at: now)
    }
    if let result = ResultFile(accepted: delivery) { await tellExporter(result) }
    return [.archived]
  }

  func moveBack(_ delivery: Delivery, from place: Delivery.Place) async throws -> [DeliveryEvent] {
    let isThere = try await untilDone("return") { [spool = context.spool] () throws(SystemError) in
      try spool.moveBack(delivery.set, from: place)
    }
    return isThere ? [.returned] : [.returned, .held(reason: .folderGone(place.rawValue))]
  }

  func remove(from place: Delivery.Place) async throws -> [DeliveryEvent] {
    try await untilDone("discard") { [spool = context.spool, set] () throws(SystemError) in
      try spool.discard(set, from: place)
    }
    return [.removed]
  }

  func file(_ delivery: Delivery, as state: SetState, _ reason: Reason) async throws -> [DeliveryEvent] {
    let now = context.time.now
    let filed = FiledReason(delivery, as: state, reason, at: now)
    try await untilDone(state.rawValue) { [spool = context.spool] () throws(SystemError) in
      try spool.file(delivery, filed)
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
    do {
      try await context.workers.run { [fileSystem = context.spool.root.fileSystem] () throws(SystemError) in
        try result.write(in: fileSystem.openDirectory(source.directory, for: "result"))
      }
    } catch {
      context.log.write(
        LogEvent(.resultNotWritten, "no result could be left for the exporter").with("set", set)
          .with("source", set.source).with("reason", error)
          .with(
            "remedy",
            "let the daemon's user write in '\(source.directory)/\(ResultFile.folder)': a tmpfiles.d line makes it"
          ))
    }
  }

  /// Waits for a source that was taken out of the configuration: its sets must not be lost, and cannot go on.
  func waitForSource() async throws -> [DeliveryEvent] {
    await line.leaveSlot(set)
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

  /// Repeats local work until the disk lets it succeed, and says once why it does not.
  private func untilDone<Value: Sendable>(
    _ purpose: String, _ body: @escaping @Sendable () throws(SystemError) -> Value
  ) async throws -> Value {
    let activity = context.heartbeat.begin("\(purpose) of \(set)")
    defer { activity.end() }
    var hasSaidSo = false
    while true {
      do throws(SystemError) {
        return try await context.workers.run(body)
      } catch {
        if !hasSaidSo { context.log.write(.localFailure(error, set: set, purpose: purpose)) }
        hasSaidSo = true
      }
      activity.progress()
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

  static func unreadable(_ error: SystemError) -> Reason {
    Reason(
      error.description,
      remedy: "give the daemon's user the right to read all files of the set (its group, or a default ACL)")
  }
}
