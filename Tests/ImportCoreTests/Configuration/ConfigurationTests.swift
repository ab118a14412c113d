import ImportCore
import Testing

/// Helpers of the suites about configuration.
enum Sample {
  static let minimal = "[Server]\nURL=https://haplo.example.org\n[Source hr]\n"

  static func parse(_ texts: String..., environment: ConfigurationEnvironment = .init())
    throws(ConfigurationErrors) -> Configuration
  {
    let files = texts.enumerated().map { ConfigurationFile(path: "/etc/\($0.offset).conf", text: $0.element) }
    return try Configuration.parse(files, environment: environment)
  }

  /// The findings of a configuration that must have some, one a line.
  static func findings(_ texts: String..., environment: ConfigurationEnvironment = .init()) -> [String] {
    let files = texts.enumerated().map { ConfigurationFile(path: "/etc/\($0.offset).conf", text: $0.element) }
    do {
      _ = try Configuration.parse(files, environment: environment)
      return []
    } catch {
      return error.findings.map(\.description)
    }
  }
}

@Suite struct ConfigurationTests {
  @Test func `with an address and a source, everything else has its documented default`() throws {
    let configuration = try Sample.parse(Sample.minimal)
    var server = ServerSettings(url: "https://haplo.example.org")
    server.connectTimeout = .seconds(20)
    server.stallTimeout = .seconds(120)
    server.replyTimeout = .seconds(600)
    server.maxConnections = 4
    #expect(configuration.server == server)
    #expect(server.apiKeyFile == nil && server.bandwidthLimit == nil && server.proxy == nil)
    #expect(configuration.daemon.spoolDirectory == "/var/spool/haplo-importd")
    #expect(configuration.daemon.stateDirectory == "/var/lib/haplo-importd")
    #expect(configuration.daemon.runtimeDirectory == "/run/haplo-importd")
    #expect(configuration.daemon.minFreeSpace == 64 * 1024 * 1024)
    #expect(configuration.warnings.isEmpty)
  }

  @Test func `a source without keys makes dry runs from its folder in the spool`() throws {
    let source = try #require(try Sample.parse(Sample.minimal).sources.first)
    #expect(source.directory == "/var/spool/haplo-importd/drop/hr")
    #expect(source.mode == .dryRun)
    #expect(source.comment.template == "%s export %i")
    #expect(source.controlComment.template == "%s export %i")
    #expect(source.quiet == .seconds(5))
    #expect(source.incompleteWarn == .seconds(3600))
    #expect(source.incompleteReject == nil)
    #expect(source.holdAfter == .seconds(86400))
    #expect(source.order == .arrival)
    #expect(source.maxInFlight == 4)
    #expect(source.rescan == .seconds(60))
    #expect(source.controlFile == nil && source.markerFile == nil && source.fileRules.isEmpty)
  }

  @Test func `every key is stored where it belongs`() throws {
    let configuration = try Sample.parse(
      """
      [Server]
      URL = https://Haplo.example.org:8443/
      APIKeyFile=/etc/key
      CAFile=/etc/ca.pem
      ClientCertificateFile=/etc/client.pem
      ClientKeyFile=/etc/client.key
      Proxy=http://proxy:3128
      ConnectTimeoutSec=1
      StallTimeoutSec=2s
      ReplyTimeoutSec=3min
      MaxConnections=8
      BandwidthLimit=1M
      [Daemon]
      SpoolDirectory=/srv/spool/
      StateDirectory=/srv//state
      RuntimeDirectory=/srv/run
      MetricsFile=/srv/metrics/haplo
      MinFreeSpace=0
      [Source b]
      Directory=/srv/b
      Mode=import
      Comment=100%% of %n
      ControlComment=control
      ControlFile=/etc/control.json
      File.staff=staff-*.xml
      File.a b.c=x = y
      QuietSec=0
      MarkerFile=export.done
      IncompleteWarnSec=infinity
      IncompleteRejectSec=2 days
      HoldAfterSec=1h 30s
      Order=name
      MaxInFlight=1
      RescanSec=infinity
      [Source a]
      """)
    var server = ServerSettings(url: "https://haplo.example.org:8443")
    server.apiKeyFile = "/etc/key"
    server.caFile = "/etc/ca.pem"
    server.clientCertificateFile = "/etc/client.pem"
    server.clientKeyFile = "/etc/client.key"
    server.proxy = "http://proxy:3128"
    server.connectTimeout = .seconds(1)
    server.stallTimeout = .seconds(2)
    server.replyTimeout = .seconds(180)
    server.maxConnections = 8
    server.bandwidthLimit = 1 << 20
    #expect(configuration.server == server)
    #expect(configuration.daemon.spoolDirectory == "/srv/spool")
    #expect(configuration.daemon.metricsFile == "/srv/metrics/haplo")
    #expect(configuration.warnings.contains { $0.message.contains("ends in '.prom'") })
    #expect(configuration.daemon.stateDirectory == "/srv/state")
    #expect(configuration.daemon.runtimeDirectory == "/srv/run")
    #expect(configuration.daemon.minFreeSpace == 0)
    #expect(configuration.sources.map(\.name.text) == ["a", "b"])
    var source = SourceSettings(name: SourceName("b")!, directory: "/srv/b")
    source.mode = .import
    source.comment = try CommentTemplate("100%% of %n")
    source.controlComment = try CommentTemplate("control")
    source.controlFile = "/etc/control.json"
    source.fileRules = [ExactText("staff"): "staff-*.xml", ExactText("a b.c"): "x = y"]
    source.quiet = .zero
    source.markerFile = "export.done"
    source.incompleteWarn = nil
    source.incompleteReject = .seconds(172_800)
    source.holdAfter = .seconds(3630)
    source.order = .name
    source.maxInFlight = 1
    source.rescan = nil
    #expect(configuration.sources[1] == source)
    #expect(configuration.sources[0].directory == "/srv/spool/drop/a")
  }

  @Test func `systemd's environment gives directories, and the configuration overrules it`() throws {
    let environment = ConfigurationEnvironment(variables: [
      "STATE_DIRECTORY": "/state/a:/state/b", "RUNTIME_DIRECTORY": "/runtime/",
      "CREDENTIALS_DIRECTORY": "/run/credentials/x",
    ])
    let given = try Sample.parse(Sample.minimal, environment: environment)
    #expect(given.daemon.stateDirectory == "/state/a")
    #expect(given.daemon.runtimeDirectory == "/runtime")
    #expect(given.server.apiKeyFile == "/run/credentials/x/api-key")
    let overruled = try Sample.parse(
      Sample.minimal, "[Daemon]\nStateDirectory=/s\n[Server]\nAPIKeyFile=/k\n", environment: environment)
    #expect(overruled.daemon.stateDirectory == "/s")
    #expect(overruled.server.apiKeyFile == "/k")
  }

  @Test func `of a key in several files the last wins, and its origin is told`() throws {
    let configuration = try Sample.parse(
      Sample.minimal + "Mode=import\nQuietSec=1s\nFile.a=one\n",
      "\n[Source hr]\nMode=dry-run\nFile.a=\n", "[Source hr]\nFile.b=two\n")
    let source = configuration.sources[0]
    #expect(source.mode == .dryRun)
    #expect(source.quiet == .seconds(1))
    #expect(source.fileRules == [ExactText("b"): "two"])
    func origin(_ key: String) -> String? {
      configuration.values.first { $0.section == "Source hr" && $0.key == key }?.origin.description
    }
    #expect(origin("Mode") == "/etc/1.conf:3")
    #expect(origin("QuietSec") == "/etc/0.conf:5")
    #expect(origin("File.b") == "/etc/2.conf:2")
    #expect(origin("Order") == "default")
  }

  @Test func `keys about two names that only look the same are two keys`() throws {
    let keys = ["b\u{e9}", "be\u{301}"]
    let lines = keys.enumerated().map { number, key in
      "File.\(key)=file\(number)\nRecordKey.\(key)=field\(number)\nMinRecords.\(key)=\(number + 1)\n"
    }
    let one = try Sample.parse(Sample.minimal + lines.joined())
    let two = try Sample.parse(Sample.minimal + lines[0], "[Source hr]\n" + lines[1])
    for configuration in [one, two] {
      let source = configuration.sources[0]
      for (number, key) in keys.enumerated() {
        #expect(source.fileRules[ExactText(key)] == "file\(number)")
        #expect(source.guards.recordKeys[ExactText(key)] == "field\(number)")
        #expect(source.guards.minRecordsByKey[ExactText(key)] == Int64(number + 1))
      }
    }
    let written = one.values.setting("MinRecords.\(keys[1])", "2", of: SourceName("hr")!)
    #expect(written.hasSuffix("(/etc/0.conf:9)"), "\(written)")
  }

  @Test func `values in force are in their usual spelling, with a password masked`() throws {
    let configuration = try Sample.parse(
      Sample.minimal + "RescanSec=90\n",
      "[Server]\nProxy=http://me:s3cret@proxy:3128\nBandwidthLimit=1048576\nReplyTimeoutSec=600\n")
    func text(_ key: String) -> String? { configuration.values.first { $0.key == key }?.text }
    #expect(text("Proxy") == "http://me:***@proxy:3128")
    #expect(text("BandwidthLimit") == "1M")
    #expect(text("ReplyTimeoutSec") == "10min")
    #expect(text("RescanSec") == "90s")
    #expect(text("CAFile") == "")
    #expect(text("AllowPlainHTTP") == "no")
    #expect(configuration.server.proxy == "http://me:s3cret@proxy:3128")
  }

  @Test func `guards of records have their values, and are shown in their usual spelling`() throws {
    let lines = [
      "MinRecords=10", "MinRecords.a b.c=0", "ChangeLimit=1000%", "RecordKey.staff=id",
      "RemovalLimit=50", "FirstSet=hold",
    ]
    let configuration = try Sample.parse(Sample.minimal + lines.joined(separator: "\n") + "\n")
    let guards = configuration.sources[0].guards
    #expect(guards.minRecords == 10 && guards.minRecordsByKey == [ExactText("a b.c"): 0])
    #expect(guards.recordKeys == [ExactText("staff"): "id"] && guards.firstSet == .hold)
    #expect(guards.changeLimit?.percent == 1000 && guards.removalLimit == .records(50))
    let shown = configuration.values.filter { $0.origin != .byDefault && $0.section == "Source hr" }
    #expect(
      Set(shown.map { "\($0.key)=\($0.text)" })
        == Set(lines.map { $0 == "RemovalLimit=50" ? "RemovalLimit=50 records" : $0 }))
    #expect(RemovalLimit("1 record")?.description == "1 record" && RemovalLimit("1  records") == .records(1))
    for wrong in ["", "%", "x", "1 2", "-1", "9223372036854775808"] { #expect(RemovalLimit(wrong) == nil) }
  }

  @Test func `a key in two spellings of the same letters is two keys`() throws {
    let configuration = try Sample.parse(
      Sample.minimal + "RecordKey.caf\u{e9}=a\nMinRecords.\u{301}x=3\n")
    let guards = configuration.sources[0].guards
    #expect(
      guards.recordKeys[ExactText("caf\u{e9}")] == "a" && guards.recordKeys[ExactText("cafe\u{301}")] == nil)
    #expect(guards.minRecordsByKey[ExactText("\u{301}x")] == 3)
  }
}
