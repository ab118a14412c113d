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

  init<Value>(
    _ name: String, _ property: any WritableKeyPath<Settings, Value> & Sendable, _ form: ValueForm<Value>
  ) {
    self.name = name
    store = { text, settings throws(BadValue) in settings[keyPath: property] = try form.parse(text) }
    text = { form.text($0[keyPath: property]) }
    choices = form.choices
    allowsEmpty = false
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
  }
}

extension ConfigurationKey<ServerSettings> {
  static let table: [ConfigurationKey] = [
    .init("URL", \.url, .serverURL),
    .init("AllowPlainHTTP", \.allowPlainHTTP, .yesOrNo),
    .init("APIKeyFile", optional: \.apiKeyFile, .path),
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
    .init("MarkerFile", optional: \.markerFile, .fileName),
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
    .init("MaxInFlight", \.maxInFlight, .number(in: 1...1000)),
    .init("Check", \.check, .choice),
    .init("RescanSec", \.rescan, .timeSpanOrInfinity(atLeast: .milliseconds(10))),
  ]

  /// What a key begins with that names the file for a key of the control file.
  static let filePrefix = "File."

  /// The row for a `File.KEY=`; nil for a key of another kind.
  static func fileRule(_ name: String) -> ConfigurationKey? {
    guard name.hasPrefix(filePrefix) else { return nil }
    let key = String(name.dropFirst(filePrefix.count))
    let form = ValueForm<String>(
      parse: { text throws(BadValue) in
        if key.isEmpty { throw BadValue("names no key of the control file; write 'File.KEY=NAME'") }
        if key == "DEFAULT" { throw BadValue("cannot name a file, for DEFAULT in a control file is none") }
        try FileNameRule.checkPattern(text)
        return text
      }, text: { $0 })
    return ConfigurationKey(name, optional: \.fileRules[key], form)
  }
}
