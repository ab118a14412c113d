public import ImportCore

/// One thing that needs a person, as `status` lists them: gravest first, one line for all things of a kind in a source.
public struct Attention: Sendable, Codable, Hashable {
  /// How grave it is. Monitoring reports the gravest one.
  public enum Severity: String, Sendable, Codable {
    /// Nothing is accepted or delivered until somebody acts.
    case critical
    /// Something waits for a person, while other sets are delivered.
    case warning
  }

  public var severity: Severity
  /// The source; nil for what concerns all sources.
  @OrNull public var source: String?
  /// How many sets or paths it is about; 1 for the daemon, the server and whole sources.
  public var count: Int
  /// What happened, and what to do where no command can do it.
  public var text: String
  /// The command that shows more or does it; nil where there is none.
  @OrNull public var command: String?
  /// True if `status --check` counts it; false for what a person did or may still pass by itself.
  public var isMonitored = true

  public init(
    _ severity: Severity, source: String? = nil, count: Int = 1, _ text: String, command: String? = nil,
    isMonitored: Bool = true
  ) {
    self.isMonitored = isMonitored
    self.severity = severity
    self.source = source
    self.count = count
    self.text = text
    self.command = command
  }

  /// All in one line: `hr: 4 rejected sets; run 'haplo-importd list --source hr --state rejected'`.
  public var line: String {
    (source.map { "\($0): " } ?? "") + text + (command.map { "; run '\($0)'" } ?? "")
  }
}

extension Attention {
  /// Certificates that expire sooner than this need a person.
  private static let notice = Duration.seconds(14 * 86_400)

  /// A warning for each certificate that expires within 14 days.
  ///
  /// - Parameters:
  ///   - server: The end of the server's certificate; nil if it is not known.
  ///   - client: That of `ClientCertificateFile=`; nil if there is none.
  public static func certificates(server: Timestamp?, client: Timestamp?, now: Timestamp) -> [Attention] {
    [
      warning("the server's certificate", "its administrator must renew it", server, now),
      warning("the certificate of ClientCertificateFile=", "renew it, then reload", client, now),
    ].compactMap(\.self)
  }

  private static func warning(_ name: String, _ remedy: String, _ end: Timestamp?, _ now: Timestamp)
    -> Attention?
  {
    guard let end, end.since(now) < notice else { return nil }
    let days = end.since(now).components.seconds / 86_400
    let when = end <= now ? "expired" : days == 1 ? "expires in 1 day," : "expires in \(days) days,"
    return Attention(.warning, "\(name) \(when) at \(end.rfc3339): \(remedy)")
  }

  /// Sources with so many obstructed sets are told by one line.
  private static let shownSets = 3

  /// Work that has not moved for longer than it may. If it is isolated to one source, the others go on.
  init(stuck work: (name: String, since: Duration, isIsolated: Bool)) {
    self.init(
      work.isIsolated ? .warning : .critical,
      "\(work.name) has not moved for \(TimeSpan.text(.seconds(Int64(work.since.inSeconds)))). Check the disk or mount that it uses"
    )
  }

  /// Sets that cannot be claimed, archived or moved, and why: each by itself, but one line for a source that has many.
  static func obstructed(_ sets: [(set: SetID, obstacle: SetObstacles.Obstacle)])
    -> [Attention]
  {
    let bySource = Dictionary(grouping: sets) { $0.set.source }.sorted { $0.key < $1.key }
    return bySource.flatMap { source, sets -> [Attention] in
      let lines = sets.prefix(sets.count > shownSets ? 1 : shownSets).map { set, obstacle in
        "set \(set) \(obstacle.failure): \(obstacle.error) (\(obstacle.tries) attempts since \(obstacle.since.rfc3339))"
      }
      if sets.count > shownSets {
        return [
          .init(
            .warning, source: source.text, count: sets.count,
            "\(sets.count) sets cannot be moved, first \(lines[0])",
            command: "haplo-importd list --source \(source)")
        ]
      }
      return zip(sets, lines).map { item, line in
        .init(.warning, source: source.text, line, command: "haplo-importd show \(item.set)")
      }
    }
  }
}
