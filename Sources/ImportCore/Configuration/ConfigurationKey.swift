/// One row of the table of keys: its name, where its value is kept, and how it is written. A new key is one
/// row in one of the tables below, a property of the settings, and a paragraph in `etc/haplo-importd.conf`.
struct ConfigurationKey<Settings>: Sendable {
  let name: String
  /// Reads a value into the settings.
  let store: @Sendable (String, inout Settings) throws(BadValue) -> Void
  /// Writes the value of the settings.
  let text: @Sendable (Settings) -> String
  /// Words that the value may be, if they are few.
  let choices: [String]
  let allowsEmpty: Bool
  /// True if a number without a unit in the value counts as seconds.
  let isTimeSpan: Bool

  init<Value>(
    _ name: String, _ property: any WritableKeyPath<Settings, Value> & Sendable, _ form: ValueForm<Value>
  ) {
    self.name = name
    store = { text, settings throws(BadValue) in settings[keyPath: property] = try form.parse(text) }
    text = { form.text($0[keyPath: property]) }
    choices = form.choices
    allowsEmpty = false
    isTimeSpan = form.isTimeSpan
  }

  /// A value that may be missing: `KEY=` alone takes back what an earlier file said.
  init<Value>(
    _ name: String, optional property: any WritableKeyPath<Settings, Value?> & Sendable,
    _ form: ValueForm<Value>
  ) {
    self.name = name
    store = { text, settings throws(BadValue) in
      settings[keyPath: property] = text.isEmpty ? nil : try form.parse(text)
    }
    text = { $0[keyPath: property].map(form.text) ?? "" }
    choices = form.choices
    allowsEmpty = true
    isTimeSpan = form.isTimeSpan
  }

  /// A value that has a default: `KEY=` alone brings it back.
  init<Value>(
    _ name: String, resettable property: any WritableKeyPath<Settings, Value?> & Sendable,
    _ form: ValueForm<Value>
  ) {
    self.name = name
    store = { text, settings throws(BadValue) in
      if !text.isEmpty { settings[keyPath: property] = try form.parse(text) }
    }
    text = { $0[keyPath: property].map(form.text) ?? "" }
    choices = form.choices
    allowsEmpty = true
    isTimeSpan = form.isTimeSpan
  }
}

extension ConfigurationKey<ServerSettings> {
  static let table: [ConfigurationKey] = [
    .init("URL", \.url, .serverURL),
    .init("AllowPlainHTTP", \.allowPlainHTTP, .yesOrNo),
    .init("APIKeyFile", resettable: \.apiKeyFile, .path),
    .init("OutcomeKeyFile", optional: \.outcomeKeyFile, .path),
    .init("OutcomeTimeoutSec", \.outcomeTimeout, .timeSpan(atLeast: .seconds(60))),
    .init("CAFile", optional: \.caFile, .path),
    .init("ClientCertificateFile", optional: \.clientCertificateFile, .path),
    .init("ClientKeyFile", optional: \.clientKeyFile, .path),
    .init("Proxy", optional: \.proxy, .proxy),
    .init("ConnectTimeoutSec", \.connectTimeout, .timeSpan(atLeast: .milliseconds(1))),
    .init("StallTimeoutSec", \.stallTimeout, .timeSpan(atLeast: .milliseconds(1))),
    .init("ReplyTimeoutSec", \.replyTimeout, .timeSpan(atLeast: .milliseconds(1))),
    .init("MaxConnections", \.maxConnections, .number(in: 1...64)),
    .init("BandwidthLimit", optional: \.bandwidthLimit, .size(atLeast: 1)),
    .init("ReaderLimit", \.readerLimit, .size(atLeast: 0)),
  ]
}

extension ConfigurationKey<DaemonSettings> {
  static let table: [ConfigurationKey] = [
    .init("SpoolDirectory", \.spoolDirectory, .path),
    .init("StateDirectory", \.stateDirectory, .path),
    .init("RuntimeDirectory", \.runtimeDirectory, .path),
    .init("MetricsFile", optional: \.metricsFile, .path),
    .init("MinFreeSpace", \.minFreeSpace, .size(atLeast: 0)),
  ]
}

extension ConfigurationKey<SourceSettings> {
  static let table: [ConfigurationKey] = [
    .init("Directory", \.directory, .path),
    .init("Mode", \.mode, .choice),
    .init("Comment", \.comment, .comment),
    .init("ControlComment", \.controlComment, .comment),
    .init("ControlFile", optional: \.controlFile, .path),
    .init("QuietSec", \.quiet, .timeSpan(atLeast: .zero)),
    .init("MarkerFile", optional: \.markerFile, .markerName),
    .init("IncompleteWarnSec", \.incompleteWarn, .timeSpanOrInfinity()),
    .init("IncompleteRejectSec", \.incompleteReject, .timeSpanOrInfinity()),
    .init("ExpectEverySec", optional: \.expectEvery, .timeSpan(atLeast: .seconds(1))),
    .init("ApprovalWarnSec", \.approvalWarn, .timeSpanOrInfinity(atLeast: .seconds(1))),
    .init("ResultFiles", \.resultFiles, .yesOrNo),
    .init("HoldAfterSec", \.holdAfter, .timeSpanOrInfinity()),
    .init("Order", \.order, .choice),
    .init("ArchiveKeepSec", \.archiveKeep, .timeSpanOrInfinity()),
    .init("ArchiveMaxSize", optional: \.archiveMaxSize, .size(atLeast: 0)),
    .init("ArchiveFilesKeepSec", \.archiveFilesKeep, .timeSpanOrInfinity()),
    .init("RejectedKeepSec", \.rejectedKeep, .timeSpanOrInfinity()),
    .init("OnRejected", \.onRejected, .choice),
    .init("OnFailed", \.onFailed, .choice),
    .init("OnDuplicate", \.onDuplicate, .choice),
    .init("ShrinkLimit", optional: \.shrinkLimit, .share),
    .init("MinRecords", optional: \.guards.minRecords, .records),
    .init("ChangeLimit", optional: \.guards.changeLimit, .changeLimit),
    .init("RemovalLimit", optional: \.guards.removalLimit, .removalLimit),
    .init("FirstSet", \.guards.firstSet, .choice),
    .init("MaxInFlight", \.maxInFlight, .number(in: 1...1000)),
    .init("Check", \.check, .choice),
    .init("RescanSec", \.rescan, .timeSpanOrInfinity(atLeast: .milliseconds(10))),
  ]

  /// The beginnings of keys that are about one key of the control file.
  static let prefixes = ["File.", "MinRecords.", "RecordKey."]

  /// The row for a key about one key of the control file, such as `File.KEY=`; nil for a key of another kind.
  static func row(for name: String) -> ConfigurationKey? {
    guard let prefix = prefixes.first(where: { name.utf8.starts(with: $0.utf8) }) else { return nil }
    // By bytes: what follows the dot may combine with it.
    let key = String(Substring(name.utf8.dropFirst(prefix.utf8.count)))
    switch prefix {
    case "File.": return fileRule(name, key)
    case "MinRecords.":
      return ConfigurationKey(
        name, optional: \.guards.minRecordsByKey[ExactText(key)], .about(key, "MinRecords.KEY=1000", .records)
      )
    default:
      let field = ValueForm<String>(parse: { text throws(BadValue) in text }, text: { $0 })
      return ConfigurationKey(
        name, optional: \.guards.recordKeys[ExactText(key)], .about(key, "RecordKey.KEY=FIELD", field))
    }
  }

  private static func fileRule(_ name: String, _ key: String) -> ConfigurationKey {
    let form = ValueForm<String>(
      parse: { text throws(BadValue) in
        if key.isEmpty { throw ValueForm<String>.noKey("File.KEY=NAME") }
        if key == "DEFAULT" { throw BadValue("cannot name a file, for DEFAULT in a control file is none") }
        try FileNameRule.checkPattern(text)
        return text
      }, text: { $0 })
    return ConfigurationKey(name, optional: \.fileRules[ExactText(key)], form)
  }
}

extension ValueForm {
  /// The form of a value about one key of the control file.
  fileprivate static func about(_ key: String, _ example: String, _ form: ValueForm) -> ValueForm {
    ValueForm(
      parse: { text throws(BadValue) in
        if key.isEmpty { throw noKey(example) }
        return try form.parse(text)
      }, text: form.text)
  }

  fileprivate static func noKey(_ example: String) -> BadValue {
    BadValue("names no key of the control file; write '\(example)'")
  }
}
