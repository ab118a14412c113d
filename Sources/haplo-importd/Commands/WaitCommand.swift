import Glibc
import ImportCore
import ImportService
import ImportSystem

extension CommandOption {
  static let timeout = CommandOption(
    "timeout", argument: "TIME", help: "give up after this long, such as 10min; exit status 75")
}

extension Subcommand {
  static let wait = Subcommand(
    name: "wait", operands: "SET…", operandCount: 1...1000,
    summary: "waits until sets are archived, rejected, held or awaiting approval",
    details: """
      Prints each set as soon as it has reached one of these states. SET is an id or an
      unambiguous prefix of one; '-' reads ids from standard input. If outcomes are read (OutcomeKeyFile=), 'wait' also waits for
      the job of an archived set to end on the server. Exit status: 0 if every set is archived
      or awaits approval, 65 if one is rejected or held or its job failed or is stuck, 75 if
      --timeout has elapsed or reading outcomes is stopped. Without --timeout, waits without
      limit; an interrupted wait ends by the signal. If the daemon is not running, says so
      once and keeps waiting until the daemon or 'once' has processed the set.
      """,
    options: [.timeout, .json]
  ) { invocation throws(Failure) in
    var waiting = SetWait(try DaemonQuery(invocation))
    let deadline = try deadline(invocation)
    var status = ExitStatus.done
    for prefix in try invocation.ids() {
      guard let set = try waiting.settled(prefix, until: deadline) else {
        StandardError.writeLine(
          "\(Program.name): \(PrintableText.escaping(prefix)): still waiting when the time was up")
        return .later
      }
      switch try printSettled(set, invocation) {
      case .wrongData: status = .wrongData
      case .later where status == .done: status = .later
      default: break
      }
    }
    return status
  }

  /// Prints a set that has come to rest. Returns what a command that waited for it ends with.
  static func printSettled(_ set: SetReport, _ invocation: Invocation) throws(Failure) -> ExitStatus {
    if invocation.has(.json) {
      try StandardOutput.writeJSON(set)
    } else {
      let reason =
        (set.isOutcomeUnread ? set.outcome?.reason : set.reason).map {
          ": \($0.split(separator: "\n").first ?? "")"
        } ?? ""
      let outcome = set.outcome.map { ", \($0.text)" } ?? ""
      try StandardOutput.writeLine("\(set.set): \(set.state.rawValue)\(outcome)\(reason)")
    }
    let hasFailed = set.state == .rejected || set.state == .held || set.outcome?.state.isFailure == true
    let isForApproval = set.state == .awaitingApproval && set.mode != SourceMode.importIfClean.rawValue
    return hasFailed ? .wrongData : set.isOutcomeUnread && !isForApproval ? .later : .done
  }

  private static func deadline(_ invocation: Invocation) throws(Failure) -> ContinuousClock.Instant? {
    guard let text = invocation.argument(of: .timeout), text != "infinity" else { return nil }
    guard let span = TimeSpan.parse(text) else {
      throw .usage("--timeout needs a time span such as 10min, not '\(text)'", subcommand: "wait")
    }
    return .now + span
  }
}

/// Asks about sets until nothing happens to them by itself any more.
struct SetWait {
  private static let interval: UInt32 = 1_000_000
  private let query: DaemonQuery
  private var isNoted = false

  init(_ query: DaemonQuery) { self.query = query }

  /// The set once it has come to rest; nil if it has not by `deadline`. Blocks its thread.
  mutating func settled(_ prefix: String, until deadline: ContinuousClock.Instant?) throws(Failure)
    -> SetReport?
  {
    var prefix = prefix
    while true {
      let (shown, isFromJournal) = try query.show(prefix)
      let set = try shown.one(prefix)
      if Self.isAtRest(set) {
        if isFromJournal, !isNoted { query.noteDaemonIsDown() }
        isNoted = isNoted || isFromJournal
        return set
      }
      // Another set may begin like that later.
      prefix = set.set.text
      guard pause(until: deadline, isDaemonDown: isFromJournal) else { return nil }
    }
  }

  /// Sleeps until it is time to ask again, and says once if nobody works on sets meanwhile. Returns false if `deadline` has passed.
  mutating func pause(until deadline: ContinuousClock.Instant?, isDaemonDown: Bool) -> Bool {
    if isDaemonDown, !isNoted {
      StandardError.writeLine("\(Program.name): \(Self.daemonIsDown)")
      isNoted = true
    }
    if let deadline, deadline <= .now { return false }
    usleep(Self.interval)
    return true
  }

  private static let daemonIsDown =
    "the daemon is not running; waiting until it is started, or 'haplo-importd once' is run"

  /// A set whose outcome nobody reads is as far as it comes by itself.
  private static func isAtRest(_ set: SetReport) -> Bool {
    if set.isOutcomeUnread { return true }
    return switch set.state {
    case .archived: set.outcome?.state != .pending
    // Without a remedy, the dry run has not ended yet, or the import follows.
    case .awaitingApproval:
      set.mode != SourceMode.importIfClean.rawValue || set.remedy != nil || set.outcome == nil
    case .skipped, .rejected, .held: true
    case .claimed, .uploading, .scheduling, .scheduled, .deferred: false
    }
  }
}
