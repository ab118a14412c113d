import HaploAPI
public import ImportCore
import ImportRuntime

/// What `status` prints: one object with `daemon`, `server`, `sources` and `attention`. Absent values are null.
public struct StatusReport: Sendable, Codable {
  /// The process.
  public struct Daemon: Sendable, Codable {
    /// `running` or `stopped`.
    public var state: String
    public var version: String
    @OrNull public var process: Int32? = nil
    @OrNull public var since: String? = nil
    /// True if no sets are claimed because the disk is full.
    public var isDiskFull: Bool
    /// True if no sets are claimed and scheduled because the journal is older than the archive.
    public var isJournalOutdated = false
    /// Why no sets of any source are claimed, and what to do; nil if nothing stands in the way.
    @OrNull public var obstacle: String? = nil
    /// Bytes of files sent since the start, those under way included.
    @OrNull public var bytesSent: Int64? = nil

    /// What can be said while no daemon runs.
    public static let stopped = Daemon(
      state: "stopped", version: Version.text, process: nil, since: nil, isDiskFull: false, obstacle: nil,
      bytesSent: nil)
  }

  public struct Server: Sendable, Codable {
    public var url: String
    /// `accepting`, `unknown` (not asked since the start), `failing`, or why nothing is sent to it.
    public var state: String
    @OrNull public var reason: String? = nil
    @OrNull public var remedy: String? = nil
    /// The next probe.
    @OrNull public var next: String? = nil
    /// Since when it has refused everything, or nothing has succeeded.
    @OrNull public var since: String? = nil
  }

  /// Whether the outcomes of jobs are read.
  public struct Outcomes: Sendable, Codable {
    /// `off` without an outcome key, `reading`, or `stopped` after the server refused the key, or while it cannot be used.
    public var state: String
    /// Jobs whose outcome is not known yet.
    public var open: Int
    @OrNull public var reason: String? = nil
    @OrNull public var remedy: String? = nil
    @OrNull public var since: String? = nil
  }

  public struct Source: Sendable, Codable {
    public var source: String
    public var directory: String
    @OrNull public var mode: String? = nil
    /// `watched`, `polled`, `lost`, or `not running`.
    public var watch: String
    @OrNull public var watchReason: String? = nil
    /// Why nothing of it is taken and scheduled: it was paused or halted.
    @OrNull public var stopped: String? = nil
    /// True if a person paused it, false if it was halted or runs.
    public var isPaused: Bool
    /// Sets whose folder is not where it should be, the first ones of them.
    public var folderGone: [String] = []
    /// How many these are.
    public var folderGoneCount = 0
    /// Those of ``folderGone`` that await approval: `reject` clears them, `discard` the others.
    public var folderGoneForApproval: [String] = []
    /// When the last set came, as far as the journal knows.
    @OrNull public var arrived: String? = nil
    /// Why a set is overdue, if none has come for longer than `ExpectEverySec=` says.
    @OrNull public var overdue: String? = nil
    /// Sets by state, archived ones not counted.
    public var sets: [String: Int]
    /// How many sets have been deferred for longer than an hour.
    @OrNull public var deferredLong: Int? = nil
    /// How many sets have awaited approval for longer than `ApprovalWarnSec=`.
    @OrNull public var approvalOverdue: Int? = nil
    /// How many of the sets that await approval go on by themselves: the result of their dry run is not known yet, or their
    /// import follows (`Mode=import-if-clean`).
    @OrNull public var awaitingResult: Int? = nil
    /// The set that has waited longest to be scheduled.
    @OrNull public var oldest: String? = nil
    @OrNull public var oldestCompleted: String? = nil
    /// What the oldest set waits for.
    @OrNull public var oldestReason: String? = nil
    /// Sets whose job failed, is stuck or had errors since the last job without an error, oldest first.
    public var troubles: [Trouble] = []
    /// Sets of the last day whose scheduling only the state of their batch confirms.
    public var stateOnly: [String] = []
    /// The next attempt of any set.
    @OrNull public var next: String? = nil
    /// What is in the drop directory and not claimed: what needs a person first, 500 at most.
    public var incoming: [Incoming]
    /// How much there is in the drop directory.
    public var incomingCount = 0
  }

  /// A set whose job needs a person.
  public struct Trouble: Sendable, Codable, Hashable {
    public var set: String
    /// `failed`, `stuck` or `imported-with-errors`.
    public var outcome: String
  }

  /// A file that is being sent.
  public struct Upload: Sendable, Codable, Hashable {
    public var set: String
    public var source: String
    /// Its name as it was dropped.
    public var file: String
    /// Bytes of it that are on their way, and all of them.
    public var sent: Int64
    public var size: Int64
    /// How long its request has been under way.
    public var seconds: Double
    /// Bytes of all data files of the set that are sent or on their way, and all of them.
    public var setSent: Int64
    public var setSize: Int64
    /// Data files of the set that the server has, and all of them.
    public var filesSent: Int
    public var files: Int
  }

  /// Something in a drop directory that is not claimed yet.
  public struct Incoming: Sendable, Codable {
    public var path: String
    /// Why not, the first five reasons.
    public var findings: [String]
    @OrNull public var waitingSeconds: Double? = nil
    /// True once it has been incomplete for longer than `IncompleteWarnSec=`.
    public var isOverdue: Bool
    /// True if it can never be picked up as it is.
    public var isUnusable = false
    /// True if nothing is missing or wrong: it is about to be picked up, or waits for its source or for space.
    public var isComplete = false
  }

  public var daemon: Daemon
  public var server: Server
  public var outcomes: Outcomes
  public var sources: [Source]
  /// What is being sent at this moment.
  public var uploads: [Upload]
  /// What needs a person, gravest first.
  public var attention: [Attention]
  /// The first of these in one line; `nothing to do` without any.
  public var advice: String
}

extension StatusReport {
  /// Takes together what the journal says; the daemon adds what only it knows.
  public init(_ configuration: Configuration, _ state: JournalState, daemon: Daemon, now: Timestamp) {
    self.daemon = daemon
    server = Server(configuration.server.url, stop: state.server.stop)
    outcomes = Outcomes(isOn: configuration.server.outcomeKeyFile != nil, state.outcomes)
    let names = Set(configuration.sources.map(\.name)).union(state.deliveries.values.map(\.source))
    sources = names.sorted().map { name in
      Source(name, configuration.source(name), state, now: now)
    }
    uploads = []
    advice = ""
    attention = []
    updateAttention(unit: ServiceUnit(configuration).name)
  }

  /// Lists what needs a person anew, after the report was completed; `more` is what others found.
  public mutating func updateAttention(unit: String, with more: [Attention] = []) {
    let all = more + findAttention(unit: unit)
    attention = all.filter { $0.severity == .critical } + all.filter { $0.severity != .critical }
    advice = attention.first?.line ?? "nothing to do"
  }
}

extension StatusReport.Server {
  /// Takes together why traffic is stopped and, while the daemon runs, what the gate has learnt since its start: whether the
  /// server has accepted a request, and which requests fail. A stop says more than these.
  init(_ url: String, stop: ServerBreaker.Stop?, isProven: Bool = false, trouble: ServerTrouble? = nil) {
    self.url = url
    if let stop {
      state = stop.cause.rawValue
      (reason, remedy) = (stop.reason.text, stop.reason.remedy)
      (next, since) = (stop.next.rfc3339, stop.since.rfc3339)
    } else if let trouble {
      state = "failing"
      (reason, remedy) = (trouble.reason.text, trouble.reason.remedy ?? Self.failingRemedy)
      since = trouble.since.rfc3339
    } else {
      state = isProven ? "accepting" : "unknown"
    }
  }

  private static let failingRemedy = "check that the server runs and can be reached from this machine"
}

extension StatusReport.Outcomes {
  init(isOn: Bool, _ outcomes: OpenOutcomes) {
    let stop = isOn ? outcomes.reading.stop : nil
    state = isOn ? (stop == nil ? "reading" : "stopped") : "off"
    open = outcomes.jobs.count
    (reason, remedy, since) = (stop?.refusal.text, stop?.refusal.remedy, stop?.since.rfc3339)
  }
}

extension StatusReport.Source {
  init(_ name: SourceName, _ settings: SourceSettings?, _ state: JournalState, now: Timestamp) {
    let own = state.deliveries.values.filter { $0.source == name }
    let oldest = own.filter(\.isQueued).min { $0.arrival < $1.arrival }
    source = name.text
    directory = settings?.directory ?? ""
    mode = settings?.mode.rawValue
    watch = settings == nil ? "not configured" : "not running"
    let stop = state.controls[name]?.reason
    stopped = stop
    isPaused = state.controls[name]?.pausedBy != nil
    arrived = state.histories[name]?.arrived?.rfc3339
    overdue = stop == nil ? Self.overdue(state.histories[name], settings, now) : nil
    sets = Dictionary(grouping: own) { $0.state(now: now).rawValue }.mapValues(\.count)
    deferredLong = own.count { $0.hasFailed(longerThan: .seconds(3600), now: now) }
    approvalOverdue = settings?.approvalWarn.map { span in
      own.count { $0.awaitsApproval(longerThan: span, now: now) }
    }
    awaitingResult = own.count { delivery in
      let outcomes = state.outcomes
      let waiting = WaitingReason(
        awaiting: delivery, mode: settings?.mode.rawValue, isFollowed: outcomes.job(of: delivery.set) != nil,
        unread: outcomes.reading.stop?.refusal.text,
        stop: state.outdated?.text ?? state.controls[name]?.reason)
      return waiting.map { $0.remedy == nil } ?? false
    }
    self.oldest = oldest?.set.text
    oldestCompleted = oldest?.claim.completed.rfc3339
    oldestReason = oldest.flatMap { oldest in
      // While nothing is sent to the server, that is what a set waits for, whatever it has failed of before.
      state.server.stop?.reason.text ?? oldest.reason?.text
        ?? (settings == nil ? "its source is not configured" : nil)
    }
    troubles = (state.histories[name]?.troubles ?? []).map {
      StatusReport.Trouble(set: $0.set.text, outcome: $0.state.rawValue)
    }
    stateOnly = (state.histories[name]?.stateOnly ?? []).filter { now.since($0.time) < .seconds(86_400) }
      .map(\.set.text)
    next = own.compactMap { $0.activeDeferral(now: now)?.next }.min()?.rfc3339
    incoming = []
  }

  private static func overdue(_ history: SourceHistory?, _ settings: SourceSettings?, _ now: Timestamp)
    -> String?
  {
    guard let span = settings?.expectEvery, let silence = history?.silence(expecting: span, now: now) else {
      return nil
    }
    return "no set received since \(silence.since.rfc3339); one is expected every \(TimeSpan.text(span)) "
      + "(\(silence.missed) missed)"
  }
}
