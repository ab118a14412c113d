import HaploAPI
import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem

/// Reads the configuration again when that is asked for, and puts it in force.
struct ConfigurationReload: Sendable {
  let parts: ServiceParts
  let settings: CurrentSettings
  let ways: ServerWays
  let blocking: BlockingWork
  let register: SourceRegister
  let outcomes: OutcomeReader
  let statusLine: StatusLine
  /// Signalled when the configuration is to be read again.
  let requests = Latch()

  /// Reads the configuration again whenever that was asked for; several requests at once are one.
  func run() async throws {
    var done = requests.version
    while true {
      await requests.wait(after: done)
      try Task.checkCancellation()
      done = requests.version
      await reload()
    }
  }

  /// Reads the configuration, the key and the files that TLS needs.
  private func read() async throws -> (LoadedConfiguration, any Transport, OutcomeAccess?) {
    let (parts, ways) = (parts, ways)
    return try await blocking.onConfiguration {
      Result<(LoadedConfiguration, any Transport, OutcomeAccess?), any Error> {
        let loaded = try parts.load()
        for (origin, key) in [(loaded.keyOrigin, "API key"), (loaded.outcomeKeyOrigin, "outcome key")] {
          guard let origin, origin.isNewer(parts.fileSystem) else { continue }
          parts.log.write(
            LogEvent(
              .restartNeeded, "the \(key)'s file is newer than the copy that systemd made at the start"
            )
            .with("path", origin.path).with("remedy", "systemctl restart \(origin.unit)"))
        }
        return (loaded, try ways.transport(loaded), try ways.outcomes(loaded))
      }
    }.get()
  }

  /// Reads the configuration again and puts it in force; one with an error changes nothing.
  private func reload() async {
    ServiceManager.notify([
      "RELOADING=1", "MONOTONIC_USEC=\(parts.time.monotonic.nanoseconds / 1000)", "STATUS=reloading",
    ])
    do {
      let (loaded, transport, access) = try await read()
      try await putInForce(loaded, transport, access)
      parts.log.write(
        LogEvent(.reloaded, "the configuration was reloaded and is in force").with(
          "sources", loaded.configuration.sources.count))
    } catch {
      parts.log.write(
        LogEvent(
          .configurationRefused,
          "reload failed; keeping the previous configuration: \(PrintableText.joiningLines("\(error)"))"))
    }
    ServiceManager.notify(["READY=1", "STATUS=\(await statusLine.text)"])
  }

  private func putInForce(
    _ loaded: LoadedConfiguration, _ transport: any Transport, _ access: OutcomeAccess?
  ) async throws {
    let old = settings.configuration
    var new = loaded.configuration
    if new.daemon.hasOtherDirectories(than: old.daemon) {
      parts.log.write(
        LogEvent(
          .configurationRefused,
          "SpoolDirectory=, StateDirectory= and RuntimeDirectory= change only by a restart",
          priority: .warning))
      new.daemon = old.daemon
    }
    guard let gate = settings.server?.gate else { return }
    await gate.replace(by: new.server, key: loaded.key.fingerprint) { [settings, new] gate in
      settings.replace(
        new, server: Server(url: new.server.url, transport: transport, gate: gate),
        keyOrigin: loaded.keyOrigin, outcomes: access)
    }
    try await outcomes.reconfigured(loaded.outcomeKeyFailure)
    logModes(new, before: old)
    try await register.follow(new)
    for work in await register.all { work.intake.rescan() }
  }
}

extension DaemonSettings {
  fileprivate func hasOtherDirectories(than other: DaemonSettings) -> Bool {
    spoolDirectory != other.spoolDirectory || stateDirectory != other.stateDirectory
      || runtimeDirectory != other.runtimeDirectory
  }
}

extension ConfigurationReload {
  /// Logs how the sets of each source are scheduled from now on: whether they are imported is what people want to know first.
  ///
  /// - Parameter old: The configuration that was in force; nil at the start. Sources with the same mode are then left out.
  func logModes(_ configuration: Configuration, before old: Configuration? = nil) {
    for source in configuration.sources {
      let before = old?.source(source.name)?.mode
      if old != nil, before == source.mode { continue }
      let text = old == nil ? "source configured" : before == nil ? "source added" : "source mode changed"
      parts.log.write(
        LogEvent(.sourceConfigured, text, priority: old == nil ? nil : .notice).with("source", source.name)
          .with("mode", source.mode.rawValue).with("before", before?.rawValue))
    }
    for source in old?.sources ?? [] where configuration.source(source.name) == nil {
      parts.log.write(
        LogEvent(.sourceConfigured, "source removed", priority: .notice).with("source", source.name)
          .with("before", source.mode.rawValue))
    }
  }
}
