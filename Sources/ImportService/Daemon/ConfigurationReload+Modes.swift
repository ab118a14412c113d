import ImportCore
import ImportRuntime

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
