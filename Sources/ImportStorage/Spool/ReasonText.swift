public import ImportCore

/// Says for people why a set is held or was rejected, and what to do (`REASON.txt`).
public struct ReasonText {
  private let filed: FiledReason
  private let receipts: [String]

  /// `receipts` are the names of earlier receipts of the set, which was to be imported again.
  public init(_ filed: FiledReason, receipts: [String] = []) {
    self.filed = filed
    self.receipts = receipts
  }

  public var text: String {
    ([headline, "", "What was wrong", indented(filed.reason.text)] + stepLines + remedyLines + doubtLines + [
      "", closing,
    ]).joined(separator: "\n") + "\n"
  }

  private var headline: String {
    "Set \(filed.set) (\(PrintableText.escaping(filed.name))) from source \(filed.source) "
      + (filed.state == .held ? "is on hold and needs a decision." : "was rejected at \(filed.time.rfc3339).")
  }

  private var stepLines: [String] {
    guard let step = filed.reason.step else { return [] }
    let key = filed.reason.key.map { ", file '\($0)'" } ?? ""
    let http = filed.reason.http.map { ", HTTP status \($0)" } ?? ""
    return ["", "Where", indented("step '\(step.rawValue)'\(key)\(http)")]
  }

  private var remedyLines: [String] {
    guard let remedy = filed.reason.remedy else { return [] }
    return ["", "What to do", indented(remedy)]
  }

  private var doubtLines: [String] {
    if !receipts.isEmpty {
      let files = receipts.joined(separator: ", ")
      return [
        "", "Take care",
        indented(
          "the server has scheduled this set before (\(files)); 'haplo-importd discard' deletes that record as well"
        ),
      ]
    }
    guard let batch = filed.batchInDoubt else { return [] }
    return [
      "", "Take care",
      indented(
        "batch \(batch) of this set may have been scheduled: dropping the set again could import it twice"),
    ]
  }

  private var closing: String {
    "The dropped files are in files/, unchanged. To send the set again, correct them there as root (or leave\n"
      + "them, if they are right) and run:\n" + "  haplo-importd retry \(filed.set)"
  }

  private func indented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map {
      "  \(PrintableText.escaping(String($0)))"
    }
    .joined(separator: "\n")
  }
}

/// Why a set is held or was rejected, as programs read it (`reason.json`).
public struct FiledReason: Codable, Hashable, Sendable {
  public var set: SetID
  public var source: SourceName
  /// Folder or control file name it was dropped under.
  public var name: String
  /// `held` or `rejected`.
  public var state: SetState
  /// Why.
  public var reason: Reason
  /// When that was decided.
  public var time: Timestamp
  /// The control file and data files, if they were read.
  public var manifest: Manifest?
  /// The batch that may have been scheduled, for a held set that is in doubt.
  public var batchInDoubt: BatchID?
  /// Batches that were created and never scheduled.
  public var orphanedBatches: [BatchID]
  /// Tries in all.
  public var attempts: Int
}

extension FiledReason {
  /// Describes why a set leaves the queue at `now`.
  public init(_ delivery: Delivery, as state: SetState, _ reason: Reason, at now: Timestamp) {
    self.init(
      set: delivery.set, source: delivery.source, name: delivery.claim.name, state: state, reason: reason,
      time: now, manifest: delivery.manifest, batchInDoubt: delivery.heldInDoubt,
      orphanedBatches: delivery.orphans, attempts: delivery.attempts)
  }

  /// The area to which its folder goes.
  public var area: SpoolArea { state == .held ? .held : .rejected }
}
