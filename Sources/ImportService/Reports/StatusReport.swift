public import ImportCore

/// What `status` prints: one object with `daemon`, `server` and `sources`.
public struct StatusReport: Sendable, Codable {
  /// The process.
  public struct Daemon: Sendable, Codable {
    /// `running` or `stopped`.
    public var state: String
    public var version: String
    public var process: Int32?
    public var since: String?
    /// True if nothing new is taken for want of room.
    public var isDiskFull: Bool
    /// Why nothing new is taken from any source, and what to do; nil if nothing stands in the way.
    public var obstacle: String?
    /// Bytes of files sent since the start, those under way included.
    public var bytesSent: Int64?

    /// What can be said while no daemon runs.
    public static let stopped = Daemon(
      state: "stopped", version: Version.text, process: nil, since: nil, isDiskFull: false, obstacle: nil,
      bytesSent: nil)
  }

  /// The server.
  public struct Server: Sendable, Codable {
    public var url: String
    /// `accepting`, `unknown` (not asked since the start), `failing`, or why nothing is sent to it.
    public var state: String
    public var reason: String?
    public var remedy: String?
    /// The next probe.
    public var next: String?
    /// Since when it has refused everything, or nothing has succeeded.
    public var since: String?
  }

  /// One source.
  public struct Source: Sendable, Codable {
    public var source: String
    public var directory: String
    public var mode: String?
    /// `watched`, `polled`, `lost`, or `not running`.
    public var watch: String
    public var watchReason: String?
    /// Why nothing of it is taken and scheduled: it was paused or halted.
    public var stopped: String?
    /// When the last set came, as far as the journal knows.
    public var arrived: String?
    /// Why a set is overdue, if none has come for longer than `ExpectEverySec=` says.
    public var overdue: String?
    /// Sets by state, archived ones not counted.
    public var sets: [String: Int]
    /// The set that has waited longest to be scheduled.
    public var oldest: String?
    public var oldestCompleted: String?
    /// What the oldest set waits for.
    public var oldestReason: String?
    /// The next attempt of any set.
    public var next: String?
    public var incoming: [Incoming]
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

  /// Something in a drop directory that is not taken yet.
  public struct Incoming: Sendable, Codable {
    public var path: String
    public var findings: [String]
    public var waitingSeconds: Double?
    /// True once it has been incomplete for longer than `IncompleteWarnSec=`.
    public var isOverdue: Bool
  }

  public var daemon: Daemon
  public var server: Server
  public var sources: [Source]
  /// What is being sent at this moment.
  public var uploads: [Upload]
  /// One line of advice: what a person should do, if anything.
  public var advice: String
}

extension StatusReport {
  /// Takes together what the journal says; the daemon adds what only it knows.
  public init(_ configuration: Configuration, _ state: JournalState, daemon: Daemon, now: Timestamp) {
    self.daemon = daemon
    server = Server(configuration.server.url, state.server)
    let names = Set(configuration.sources.map(\.name)).union(state.deliveries.values.map(\.source))
    sources = names.sorted().map { name in
      Source(name, configuration.source(name), state, now: now)
    }
    uploads = []
    advice = ""
    advice = findAdvice(unit: ServiceUnit(configuration).name)
  }

  /// Says what matters most, in one line. `unit` is what systemd calls the daemon.
  public func findAdvice(unit: String) -> String {
    if daemon.state != "running" { return "the daemon is not running: systemctl start \(unit)" }
    if let obstacle = daemon.obstacle { return obstacle }
    if server.state != "failing", let advice = serverAdvice { return advice }
    if let lost = sources.first(where: { $0.watch == "lost" }) {
      return "source \(lost.source): \(lost.watchReason ?? "its directory is not there")"
    }
    if let stopped = sources.lazy.compactMap(\.stopped).first { return stopped }
    if let late = sources.first(where: { $0.overdue != nil }), let overdue = late.overdue {
      return "source \(late.source): \(overdue): look whether the exporting system still sends"
    }
    if let advice = serverAdvice { return advice }
    for source in sources {
      guard let half = source.incoming.first(where: \.isOverdue) else { continue }
      return
        "source \(source.source): '\(half.path)' has been incomplete for longer than IncompleteWarnSec=: "
        + "haplo-importd explain \(source.directory)/\(half.path)"
    }
    if let waiting = sources.first(where: { $0.sets["awaiting-approval", default: 0] > 0 }) {
      return "a set of source \(waiting.source) awaits approval: haplo-importd list --state awaiting-approval"
    }
    if let held = sources.first(where: { $0.sets["held", default: 0] > 0 }) {
      return "a set of source \(held.source) is held for you to decide: haplo-importd list --state held"
    }
    if let rejected = sources.first(where: { $0.sets["rejected", default: 0] > 0 }) {
      return "a set of source \(rejected.source) was rejected: haplo-importd list --state rejected"
    }
    if let deferred = sources.first(where: { $0.sets["deferred", default: 0] > 0 }) {
      return "a set of source \(deferred.source) is tried again\(deferred.next.map { " at \($0)" } ?? "")"
        + "\(deferred.oldestReason.map { ": \($0)" } ?? ""): haplo-importd list --state deferred"
    }
    return "nothing to do"
  }

  /// What failed says little without how long it has.
  private var serverAdvice: String? {
    guard let reason = server.reason else { return nil }
    let prefix =
      server.state == "failing"
      ? "requests to the server have failed since \(server.since ?? "the start"): " : ""
    return "\(prefix)\(reason): \(server.remedy ?? "see the log")"
  }
}

extension StatusReport.Server {
  /// Takes together what the journal remembers and, while the daemon runs, which requests fail; a stop says more than
  /// that.
  init(_ url: String, _ breaker: ServerBreaker, _ trouble: ServerTrouble? = nil) {
    self.url = url
    if let stop = breaker.stop {
      state = stop.cause.rawValue
      (reason, remedy) = (stop.reason.text, stop.reason.remedy)
      (next, since) = (stop.next.rfc3339, stop.since.rfc3339)
    } else if let trouble {
      state = "failing"
      (reason, remedy) = (trouble.reason.text, trouble.reason.remedy ?? Self.failingRemedy)
      since = trouble.since.rfc3339
    } else {
      state = breaker.isProven ? "accepting" : "unknown"
    }
  }

  private static let failingRemedy =
    "look whether it runs and can be reached from this machine: haplo-importd config --online"
}

extension StatusReport.Source {
  init(_ name: SourceName, _ settings: SourceSettings?, _ state: JournalState, now: Timestamp) {
    let own = state.deliveries.values.filter { $0.source == name }
    let oldest = own.filter(\.isQueued).min { $0.arrival < $1.arrival }
    source = name.text
    directory = settings?.directory ?? ""
    mode = settings?.mode.rawValue
    watch = settings == nil ? "not configured" : "not running"
    stopped = state.controls[name]?.reason
    arrived = state.histories[name]?.arrived?.rfc3339
    overdue = stopped == nil ? Self.overdue(state.histories[name], settings, now) : nil
    sets = Dictionary(grouping: own) { $0.state(now: now).rawValue }.mapValues(\.count)
    self.oldest = oldest?.set.text
    oldestCompleted = oldest?.claim.completed.rfc3339
    oldestReason = oldest.flatMap { oldest in
      // While nothing is sent to the server, that is what a set waits for, whatever it has failed of before.
      state.server.stop?.reason.text ?? oldest.reason?.text
        ?? (settings == nil ? "its source is not configured" : nil)
    }
    next = own.compactMap { $0.activeDeferral(now: now)?.next }.min()?.rfc3339
    incoming = []
  }

  private static func overdue(_ history: SourceHistory?, _ settings: SourceSettings?, _ now: Timestamp)
    -> String?
  {
    guard let span = settings?.expectEvery, let silence = history?.silence(expecting: span, now: now) else {
      return nil
    }
    return "no set has come since \(silence.since.rfc3339), and one is expected every \(TimeSpan.text(span)) "
      + "(\(silence.missed) missed)"
  }
}

// Absent values are written as null, so that readers find every member.

extension StatusReport.Daemon {
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(state, forKey: .state)
    try values.encode(version, forKey: .version)
    try values.encode(process, forKey: .process)
    try values.encode(since, forKey: .since)
    try values.encode(isDiskFull, forKey: .isDiskFull)
    try values.encode(obstacle, forKey: .obstacle)
    try values.encode(bytesSent, forKey: .bytesSent)
  }
}

extension StatusReport.Server {
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(url, forKey: .url)
    try values.encode(state, forKey: .state)
    try values.encode(reason, forKey: .reason)
    try values.encode(remedy, forKey: .remedy)
    try values.encode(next, forKey: .next)
    try values.encode(since, forKey: .since)
  }
}

extension StatusReport.Source {
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(source, forKey: .source)
    try values.encode(directory, forKey: .directory)
    try values.encode(mode, forKey: .mode)
    try values.encode(watch, forKey: .watch)
    try values.encode(watchReason, forKey: .watchReason)
    try values.encode(stopped, forKey: .stopped)
    try values.encode(arrived, forKey: .arrived)
    try values.encode(overdue, forKey: .overdue)
    try values.encode(sets, forKey: .sets)
    try values.encode(oldest, forKey: .oldest)
    try values.encode(oldestCompleted, forKey: .oldestCompleted)
    try values.encode(oldestReason, forKey: .oldestReason)
    try values.encode(next, forKey: .next)
    try values.encode(incoming, forKey: .incoming)
  }
}

extension StatusReport.Incoming {
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(path, forKey: .path)
    try values.encode(findings, forKey: .findings)
    try values.encode(waitingSeconds, forKey: .waitingSeconds)
    try values.encode(isOverdue, forKey: .isOverdue)
  }
}
