import HaploAPI
import ImportCore
import ImportRuntime

/// Everything that the metrics tell, gathered at one moment, and how it is told.
struct MetricsReport: Sendable {
  /// What is free on a file system.
  struct Room: Sendable {
    /// `spool` or `state`.
    var directory: String
    var bytes: Int64
    /// Nil where the file system does not count them.
    var inodes: Int64?
  }

  var now: Timestamp
  var started: Timestamp
  /// False in what is written last, when the program ends.
  var isRunning: Bool
  var configuration: Configuration
  var state: JournalState
  var journalBytes: Int64
  var tally: DeliveryTally
  /// When the archive's newest set of a source was scheduled, before this program started.
  var archived: [SourceName: Timestamp]
  var requests: ServerTally.Counts
  /// True if outcomes are read, unless the key was refused.
  var readsOutcomes = false
  /// Requests for the server's jobs pages.
  var outcomeRequests: Int64 = 0
  /// Whether the server may be asked; nil without a server.
  var breaker: ServerBreaker?
  /// The requests that have failed in a row; nil once one has not.
  var trouble: ServerTrouble?
  /// When the client's certificate expires; nil if there is none.
  var clientCertificateExpiry: Timestamp?
  var room: [Room]
  var isDiskFull: Bool
  var intakes: [SourceName: Intake.Gauges]
  /// Notices that nobody has fetched; nil where there are none to be fetched.
  var notices: Int?

  var text: String {
    var text = MetricsText()
    addProcess(&text)
    addSets(&text)
    addSources(&text)
    addCounters(&text)
    addServer(&text)
    addOutcomes(&text)
    addDisk(&text)
    return text.text
  }

  private var sources: [SourceName] {
    Set(configuration.sources.map(\.name)).union(state.deliveries.values.map(\.source)).sorted()
  }

  private func addProcess(_ text: inout MetricsText) {
    text.gauge("build_info", "Version of the program; always 1.", [.init(1, ["version": Version.text])])
    text.gauge("running", "1 while the program runs, 0 after an orderly end.", [.init(isRunning)])
    text.gauge("start_timestamp_seconds", "When the program started.", [.init(started)])
    text.gauge(
      "written_timestamp_seconds",
      "When this file was written: after changes, and every minute while the program runs.", [.init(now)])
  }

  private func addSets(_ text: inout MetricsText) {
    let counts = Dictionary(grouping: state.deliveries.values) { Key($0.source, $0.state(now: now)) }
      .mapValues(\.count)
    // Archived sets are on the disk, and not counted there each minute.
    let states = SetState.allCases.filter { $0 != .archived }
    text.gauge(
      "sets", "Sets that are not archived, by state.",
      sources.flatMap { source in
        states.map { state in
          .init(
            counts[Key(source, state), default: 0], ["source": source.text, "state": state.rawValue])
        }
      })
    text.gauge(
      "oldest_waiting_timestamp_seconds",
      "When the set that has waited longest to be scheduled was complete; absent if no set waits.",
      sources.compactMap { source in
        oldestWaiting(of: source).map { .init($0, ["source": source.text]) }
      })
    text.gauge(
      "last_success_timestamp_seconds",
      "When the server last scheduled a set of the source, dry runs included; 0 if unknown.",
      sources.map { .init(lastSuccess(of: $0), ["source": $0.text]) })
    text.gauge(
      "last_scheduled_records",
      "Records of the set of the source that the server scheduled last, dry runs included; absent if they were not "
        + "counted.",
      sources.compactMap { source in
        (state.histories[source]?.lastSet?.records).map { .init($0, ["source": source.text]) }
      })
  }

  private struct Key: Hashable {
    var source: SourceName
    var state: SetState

    init(_ source: SourceName, _ state: SetState) { (self.source, self.state) = (source, state) }
  }

  private func oldestWaiting(of source: SourceName) -> Timestamp? {
    state.deliveries.values.filter { $0.source == source && $0.isQueued }.map(\.claim.completed).min()
  }

  private func lastSuccess(of source: SourceName) -> Timestamp {
    let live = state.deliveries.values.filter { $0.source == source }.compactMap(\.scheduledAt)
    let known = [tally.sources[source]?.lastScheduled, archived[source]].compactMap(\.self)
    return (live + known).max() ?? Timestamp(microseconds: 0)
  }

  private func addSources(_ text: inout MetricsText) {
    let watched = intakes.sorted { $0.key < $1.key }
    text.gauge(
      "incomplete", "Folders and flat sets in the drop directory that have not been claimed yet.",
      watched.map { .init($0.value.incoming, ["source": $0.key.text]) })
    text.gauge(
      "watch", "How the drop directory is watched: 1 for the current mode.",
      watched.flatMap { source, gauges in
        ["watched", "polled", "lost"].map { mode in
          .init(gauges.mode == mode, ["source": source.text, "mode": mode])
        }
      })
    text.gauge(
      "stopped", "1 if the source is paused or halted, so that none of its sets is accepted or scheduled.",
      sources.flatMap { source -> [MetricsText.Sample] in
        let control = state.controls[source]
        return [
          .init(control?.pausedBy != nil, ["source": source.text, "cause": "paused"]),
          .init(control?.haltedBy != nil, ["source": source.text, "cause": "halted"]),
        ]
      })
  }

  private func addCounters(_ text: inout MetricsText) {
    text.counter(
      "attempts", "Attempts to deliver a set, by how they ended.",
      sources.flatMap { source in
        DeliveryTally.Result.allCases.map { result in
          .init(
            tally.sources[source]?.attempts[result] ?? 0, ["source": source.text, "result": result.rawValue])
        }
      })
    text.counter(
      "uploaded_files", "Data files that the server has received with the digest computed here.",
      sources.map { .init(tally.sources[$0]?.files ?? 0, ["source": $0.text]) })
    text.counter(
      "uploaded_bytes", "Bytes of those files.",
      sources.map { .init(tally.sources[$0]?.bytes ?? 0, ["source": $0.text]) })
    text.counter(
      "requests", "Requests to the server, probes included, by step.",
      ServerStep.allCases.map { .init(requests.requests[$0] ?? 0, ["step": $0.rawValue]) })
    text.counter(
      "responses", "Responses to requests by class of their status, or none.",
      Set(ServerTally.classes).union(requests.answers.keys).sorted().map {
        .init(requests.answers[$0] ?? 0, ["class": $0])
      })
    text.counter(
      "sent_bytes", "Bytes of request bodies handed to the network, failed requests included.",
      [.init(requests.sentBytes)])
  }

  private func addServer(_ text: inout MetricsText) {
    let states = ["accepting", "unknown", "failing"] + ServerStop.allCases.map(\.rawValue)
    let holds = StatusReport.Server(
      configuration.server.url, stop: breaker?.stop, isProven: breaker?.isProven ?? false, trouble: trouble
    ).state
    text.gauge(
      "server",
      "State of the server: 1 for the current one. Sets are delivered only if it is accepting, unknown (no request "
        + "since the start) or failing (the last request failed).",
      states.map { .init($0 == holds, ["state": $0]) })
    text.gauge(
      "server_next_probe_timestamp_seconds",
      "When the next probe is sent to a server that refuses; absent otherwise.",
      [breaker?.stop?.next].compactMap(\.self).map { .init($0) })
    text.gauge(
      "certificate_expiry_timestamp_seconds",
      "When a certificate expires. server: the one that the server showed last; absent before the first connection. "
        + "client: that of ClientCertificateFile=; absent without it.",
      [("server", requests.certificateExpiry), ("client", clientCertificateExpiry)].compactMap {
        name, expiry in
        expiry.map { .init($0, ["certificate": name]) }
      })
  }

  private func addOutcomes(_ text: inout MetricsText) {
    let holds = readsOutcomes ? (state.outcomes.reading.stop == nil ? "reading" : "stopped") : "off"
    text.gauge(
      "outcome_reading",
      "1 for the current state, 0 for the others. reading: outcomes of jobs are read. stopped: the server refused the outcome "
        + "key, or it cannot be used. off: there is no outcome key.",
      ["reading", "stopped", "off"].map { .init($0 == holds, ["state": $0]) })
    let open = Dictionary(grouping: state.outcomes.jobs.values, by: \.set.source).mapValues(\.count)
    text.gauge(
      "open_jobs", "Scheduled jobs whose outcome is not known yet.",
      sources.map { .init(open[$0, default: 0], ["source": $0.text]) })
    text.gauge(
      "troubled_sets",
      "Sets whose job failed, is stuck or had errors since the source's last job without an error, by outcome.",
      sources.flatMap { source in
        OutcomeState.allCases.filter(\.needsAction).map { outcome in
          let count = state.histories[source]?.troubles?.count { $0.state == outcome } ?? 0
          return .init(count, ["source": source.text, "outcome": outcome.rawValue])
        }
      })
    text.counter(
      "outcomes", "Jobs that have ended, by outcome.",
      sources.flatMap { source in
        OutcomeState.allCases.filter { $0 != .pending }.map { outcome in
          .init(
            tally.sources[source]?.outcomes[outcome] ?? 0,
            ["source": source.text, "outcome": outcome.rawValue])
        }
      })
    text.counter(
      "outcome_requests", "Requests for the server's jobs pages, with the outcome key.",
      [.init(outcomeRequests)])
  }

  private func addDisk(_ text: inout MetricsText) {
    text.gauge(
      "free_bytes", "Free bytes on the file systems of spool and state directory.",
      room.map { .init($0.bytes, ["directory": $0.directory]) })
    text.gauge(
      "free_inodes", "Files that can still be created there, if the file system counts them.",
      room.compactMap { room in room.inodes.map { .init($0, ["directory": room.directory]) } })
    text.gauge(
      "min_free_bytes", "MinFreeSpace=, below which no set is claimed.",
      [.init(configuration.daemon.minFreeSpace)])
    text.gauge("disk_full", "1 while no set is claimed because of MinFreeSpace=.", [.init(isDiskFull)])
    text.gauge("journal_bytes", "Size of the journal.", [.init(journalBytes)])
    text.gauge(
      "notices", "Notices that haplo-importd-notify has not delivered yet.",
      [notices].compactMap(\.self).map { .init($0) })
  }
}
