import ImportCore
import ImportRuntime
import ImportStorage

/// Tells people what only the clock can tell: that a source has sent nothing for too long (`ExpectEverySec=`), and that a
/// set still waits for approval (`ApprovalWarnSec=`). What was told is in the journal, so that neither a restart nor
/// many runs of `once` tell it again. Nothing is imported by it.
struct Alarms: Sendable {
  let recorder: SetRecorder
  let settings: CurrentSettings
  let time: any Time
  let register: SourceRegister

  private var journal: Journal { recorder.journal }

  /// How long the calendar clock is trusted to go on as it does: it may be set while nobody looks.
  private static let longestSleep = Duration.seconds(3600)

  /// Raises alarms, once what was dropped while nobody looked has had its time to be taken: it was not missed. A source
  /// to which somebody writes without end does not hold the others up.
  func runOnceSettled() async throws {
    let (works, time) = (await register.all, time)
    let quiet = works.map(\.settings.quiet).max() ?? .zero
    await withTaskGroup { group in
      group.addTask { for work in works { await work.intake.settled() } }
      group.addTask { try? await time.sleep(for: quiet + .seconds(600)) }
      await group.next()
      group.cancelAll()
    }
    try await run()
  }

  /// Tells what is due, until the task is cancelled. Where no source asks for it, only a change of that is waited for.
  private func run() async throws {
    while true {
      try Task.checkCancellation()
      let seen = (settings.changes.version, journal.arrivals.version)
      try await tell()
      await sleep(until: await nextTime(), after: seen)
    }
  }

  /// Tells what is due now.
  func tell() async throws {
    for source in settings.configuration.sources {
      while let news = try await journal.reviewArrivals(
        of: source.name, expecting: source.expectEvery)
      {
        recorder.log.write(LogEvent(news, of: source))
      }
    }
    let now = time.now
    for delivery in awaitingApproval {
      guard let span = settings.source(delivery.source)?.approvalWarn,
        let due = delivery.reminderTime(every: span, now: now), due <= now
      else { continue }
      try await remind(delivery.set)
    }
  }

  private var awaitingApproval: [Delivery] {
    journal.deliveries { if case .awaitingApproval = $0.stage { true } else { false } }
  }

  /// Somebody may have decided since the set was looked at.
  private func remind(_ set: SetID) async throws {
    do {
      try await recorder.record(.approvalReminded, for: set)
    } catch JournalFailure.contradiction {
      return
    }
  }

  /// When something may be due next; nil if nothing ever is.
  private func nextTime() async -> Timestamp? {
    let now = time.now
    var times: [Timestamp] = []
    for source in settings.configuration.sources {
      if let span = source.expectEvery, !journal.isStopped(source.name) {
        let history = journal.history(of: source.name)
        if history.silence == nil { times.append(history.alarmTime(expecting: span) ?? now) }
      }
      // What begins to wait later is due later than this.
      if let span = source.approvalWarn, source.mode.awaitsApproval { times.append(now.advanced(by: span)) }
    }
    for delivery in awaitingApproval {
      guard let span = settings.source(delivery.source)?.approvalWarn else { continue }
      if let due = delivery.reminderTime(every: span, now: now) { times.append(due) }
    }
    return times.min()
  }

  /// An arrival changes nothing for who waits for approval, nor where none is expected: it wakes nobody then, for it comes
  /// when the set's first request is about to be sent.
  private func sleep(until moment: Timestamp?, after seen: (settings: UInt64, arrivals: UInt64)) async {
    let (settings, journal, time) = (settings, journal, time)
    let areExpected = settings.configuration.sources.contains { $0.expectEvery != nil }
    await withTaskGroup { group in
      group.addTask { await settings.changes.wait(after: seen.settings) }
      if areExpected { group.addTask { await journal.arrivals.wait(after: seen.arrivals) } }
      if let moment {
        let duration = min(max(moment.since(time.now), .zero), Self.longestSleep)
        group.addTask { try? await time.sleep(for: duration) }
      }
      await group.next()
      group.cancelAll()
    }
  }
}

extension LogEvent {
  /// The line for news about a source's arrivals.
  init(_ news: ArrivalNews, of source: SourceSettings) {
    let expected = source.expectEvery.map(TimeSpan.text)
    switch news {
    case .silent(let since, let missed):
      self = LogEvent(.sourceSilent, "no set received within ExpectEverySec=").with("source", source.name)
        .with("since", since.rfc3339).with("expected-every", expected).with("missed", missed)
        .with("path", source.directory)
        .with(
          "remedy",
          "check that the exporting system still delivers; 'haplo-importd status' lists incomplete sets in the drop "
            + "directory")
    case .heard(let duration, let missed):
      self = LogEvent(.sourceHeard, "a set was received again").with("source", source.name)
        .with("after", TimeSpan.text(.seconds(duration.components.seconds))).with("missed", missed)
    }
  }
}
