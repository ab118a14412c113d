/// What no value can show alone: things that are missing, and values that do not go together.
extension ConfigurationBuilder {
  /// Asks for an address and a source, without which there is nothing to do.
  mutating func requireWhatIsNecessary(_ sources: [SourceSettings]) {
    if hasBadHeader { return }
    if assignment(.server, "URL") == nil {
      report(.server, "URL", "URL= is missing in [Server]; \(Self.urlRemedy)")
    }
    if sources.isEmpty {
      report(.daemon, "", "there is no source; write a section [Source NAME] with Mode=dry-run to begin with")
    }
  }

  static let urlRemedy = "write 'URL=https://' and the server's name"

  /// Checks that the key does not travel unencrypted, and what else concerns the connection.
  mutating func checkServer(_ server: ServerSettings) {
    if let url = try? ServerURL(server.url), url.isPlain, !url.isLoopback {
      if server.allowPlainHTTP {
        report(.server, "AllowPlainHTTP", "the API key is sent unencrypted to \(url.text)", as: .warning)
      } else if !isBad(.server, "AllowPlainHTTP") {
        report(
          .server, "URL",
          "URL=\(url.text) would send the API key unencrypted; write 'https://', or AllowPlainHTTP=yes if need be"
        )
      }
    }
    if server.clientKeyFile != nil, server.clientCertificateFile == nil,
      !isBad(.server, "ClientCertificateFile")
    {
      report(
        .server, "ClientKeyFile", "ClientKeyFile= needs ClientCertificateFile= with the key's certificate")
    }
    if server.maxConnections > 8 {
      report(
        .server, "MaxConnections",
        "MaxConnections=\(server.maxConnections): the server works on eight requests at once, the others wait",
        as: .warning)
    }
  }

  /// Checks that batches can be found in the server's list.
  mutating func checkComments(_ sources: [SourceSettings]) {
    for source in sources where !source.comment.namesSet && !isBad(.source(source.name), "Comment") {
      report(
        .source(source.name), "Comment",
        "Comment=\(source.comment.template) has no %i, by which OutcomeKeyFile= finds a set's batch in the server's list; "
          + "add %i, such as 'Comment=%s export %i'")
    }
  }

  /// Refuses a mode that nothing could ever act on.
  mutating func refuseImportIfClean(_ sources: [SourceSettings]) {
    for source in sources where source.mode == .importIfClean {
      report(
        .source(source.name), "Mode",
        "Mode=import-if-clean needs OutcomeKeyFile= in [Server], by which the dry run's result is read; see docs/outcomes.md"
      )
    }
  }

  /// Checks that every dropped file has exactly one owner.
  mutating func checkDirectories(_ daemon: DaemonSettings, _ sources: [SourceSettings]) {
    let good = sources.filter { !isBad(.source($0.name), "Directory") }
    for overlap in DirectoryOverlap.find(daemon, good) {
      let section = overlap.source.map(ConfigurationSection.source) ?? .daemon
      report(section, overlap.source == nil ? "StateDirectory" : "Directory", overlap.message)
    }
  }

  /// Checks that the metrics cannot be taken for something that was dropped, and that node_exporter reads them.
  mutating func checkMetricsFile(_ daemon: DaemonSettings, _ sources: [SourceSettings]) {
    guard let path = daemon.metricsFile, !isBad(.daemon, "MetricsFile") else { return }
    let owned =
      ["drop", "work", "held", "rejected", "archive"].map { "\(daemon.spoolDirectory)/\($0)" }
      + sources.map(\.directory)
    if let directory = owned.first(where: { AbsolutePath.isInside(path, $0) }) {
      report(
        .daemon, "MetricsFile",
        "MetricsFile=\(path) is in \(directory), which is for sets only; use another directory")
    } else if !path.hasSuffix(".prom") {
      report(
        .daemon, "MetricsFile",
        "MetricsFile=\(path): node_exporter reads only files whose name ends in '.prom'", as: .warning)
    }
  }

  /// Checks that the records are counted that a source's guards ask for, and that guards have what they compare.
  mutating func checkGuards(_ source: SourceSettings) {
    let section = ConfigurationSection.source(source.name)
    for key in keys(given: section) where Self.needsCounts(key) && !isBad(section, key) {
      guard source.check != .full, assignment(section, key)?.value.isEmpty == false else { continue }
      report(
        section, key, "\(key)= needs Check=full: with Check=\(source.check.rawValue) no records are counted")
    }
    if source.guards.removalLimit != nil, source.guards.recordKeys.isEmpty, !isBad(section, "RemovalLimit") {
      report(
        section, "RemovalLimit",
        "RemovalLimit= needs to know which field identifies a record; write 'RecordKey.KEY=FIELD'")
    }
  }

  private static func needsCounts(_ key: String) -> Bool {
    ["MinRecords", "ChangeLimit", "RemovalLimit"].contains(key) || key.hasPrefix("MinRecords.")
  }
}
