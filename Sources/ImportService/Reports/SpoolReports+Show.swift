public import ImportCore
import ImportSystem

extension SpoolReports {
  /// Everything about the set whose id begins with `prefix`, if there is exactly one.
  public func show(_ prefix: String) throws(Failure) -> ShownSet {
    let candidates = try candidates(prefix)
    guard candidates.count == 1, let id = candidates.first, let set = try report(of: id) else {
      return ShownSet(candidates: candidates, set: nil, history: [], outlook: "")
    }
    let history = try Self.reading {
      try JournalHistory(configuration.daemon.stateDirectory, fileSystem: fileSystem).records(of: id)
        .compactMap { HistoryLine($0) }
    }
    return ShownSet(
      candidates: candidates, set: set, history: history, outlook: SetOutlook(self, set).text,
      previous: previous(of: set))
  }

  /// The set that a set of a source is compared with: the one that was scheduled before it in the same mode or, if it was not
  /// scheduled, the last one. Nil if none is remembered.
  private func previous(of set: SetReport) -> SetID? {
    journal.history(set.source).previous(
      of: set.set, set.mode == ImportMode.import.rawValue ? .import : .dryRun)
  }

  /// The set that the next one of a source will be compared with, as the history remembers it, and described as
  /// ``show(_:)`` does if its folder is still there.
  public func last(of source: SourceName) throws(Failure) -> ShownSet {
    guard let settings = configuration.source(source) else {
      throw .notFound(Spelling.noSource(source.text, among: configuration.sources))
    }
    guard let last = journal.history(source).last(settings.mode == .import ? .import : .dryRun) else {
      throw .notFound(
        "no set of source '\(source)' was scheduled in its mode (Mode=\(settings.mode.rawValue)) yet")
    }
    var shown = try show(last.set.text)
    shown.remembered = last
    return shown
  }
}

/// One set with all that happened to it.
public struct ShownSet: Codable, Sendable {
  /// Sets whose ids begin as asked: one, none, or several, of which the first few are named.
  public var candidates: [SetID]
  /// The set, if there is exactly one.
  public var set: SetReport?
  /// The history of the one set, oldest first.
  public var history: [HistoryLine]
  /// The next thing to happen.
  public var outlook: String
  /// The set that it is compared with; nil if none is remembered.
  public var previous: SetID?
  /// In the answer to `last`: the set by the journal's history of its source, which has it even if its folder is gone.
  public var remembered: ScheduledSet?
}

/// One thing that happened to a set.
public struct HistoryLine: Codable, Sendable {
  public var time: String
  public var event: String
  public var detail: String
}

extension HistoryLine {
  /// Describes one record of a set; nil for a record of something else.
  init?(_ record: JournalRecord) {
    guard case .event(let event, _) = record.entry else { return nil }
    self.init(time: record.time.rfc3339, event: event.name, detail: Self.detail(event))
  }

  private static func detail(_ event: DeliveryEvent) -> String {
    switch event {
    case .claimBegun(let claim): "\(claim.form.rawValue) '\(claim.name)' from \(claim.directory)"
    case .claimWithdrawn(let reason): reason
    case .inspected(let manifest): "\(manifest.files.count) data file\(manifest.files.count == 1 ? "" : "s")"
    case .controlUploaded(let shared): shared ? "by another set with the same control file" : "200"
    case .batchCreated(let batch, let server): "\(batch) at \(server)"
    case .fileUploaded(let key): "\(key): 200, digest equal"
    case .batchAbandoned(let reason), .digestDiffered(let reason), .rejected(let reason), .held(let reason):
      answer(reason)
    case .attemptFailed(let reason, let next, _): "\(answer(reason)); next attempt \(next.rfc3339)"
    case .scheduleIntended(let mode, let thenApproval, let ifClean):
      mode.rawValue
        + (ifClean == true
          ? ", then imported if clean" : thenApproval == true ? ", then a person decides" : "")
    case .approvedAsClean(let records):
      "by Mode=import-if-clean: 0 errors, \(records) record\(records == 1 ? "" : "s")"
    case .retried(let person, let importAgain): "by \(person)" + (importAgain ? ", to be imported again" : "")
    case .reopened(_, let person): "by \(person), to be imported again"
    case .approved(let person), .discarded(let person): "by \(person)"
    case .scheduled(let repeated): repeated ? "the server had scheduled it before" : "200 SCHEDULED"
    case .skipped(let other, let mode): "same bytes as \(other), \(mode.rawValue)"
    case .controlMissed: "the server does not have it yet"
    case .foundScheduled(let batch, let server, let mode, _): "\(batch) at \(server), \(mode.rawValue)"
    case .foundUnscheduled: "not in the server's list"
    case .dryRunEnded(_, let outcome): outcome.text + (outcome.reason.map { ": \($0)" } ?? "")
    case .claimed, .archived, .filed, .returned, .approvalReminded, .removed: ""
    }
  }

  private static func answer(_ reason: Reason) -> String {
    let place = [reason.step?.rawValue, reason.key, reason.http.map(String.init)].compactMap(\.self)
    return (place.isEmpty ? "" : place.joined(separator: " ") + ": ") + reason.text
  }
}
