import ImportCore
import ImportRuntime

/// Names, where the server refuses the key, the file to which a new one is to be written: the core that says what an
/// answer means does not know the files of this machine.
struct KeyRemedyLog: Log {
  let log: any Log
  /// The settings hold the server, whose gate holds this log: a strong reference would keep a service that has ended.
  weak let settings: CurrentSettings?

  func includes(_ event: LogEvent) -> Bool { log.includes(event) }

  func write(_ event: LogEvent) {
    var event = event
    if event.kind == .serverRefused, event["cause"] == ServerStop.keyRefused.rawValue,
      let settings
    {
      event.pairs.removeAll { $0.name == "remedy" }
      event = event.with("remedy", settings.keyRemedy)
    }
    log.write(event)
  }
}
