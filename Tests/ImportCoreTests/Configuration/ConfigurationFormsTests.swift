import ImportCore
import Testing

@Suite struct ConfigurationFormsTests {
  @Test(arguments: [
    ("5", 5_000_000), ("0", 0), ("5min", 300_000_000), ("1h 30s", 3_630_000_000), ("1h30s", 3_630_000_000),
    ("2 days", 172_800_000_000), ("1d", 86_400_000_000), ("500ms", 500_000), ("2 h", 7_200_000_000),
    ("48hr", 172_800_000_000), ("1y 12month", 63_117_792_000_000), ("55s500ms", 55_500_000),
    ("300ms20s 5day", 432_020_300_000), ("1.5s", 1_500_000), ("3w", 1_814_400_000_000),
    ("1M", 2_630_016_000_000),
    ("1m", 60_000_000), ("7us", 7), ("7µs", 7), (" 1 s ", 1_000_000),
  ])
  func `a time span is read as systemd reads it`(text: String, microseconds: Int64) {
    #expect(TimeSpan.parse(text) == .microseconds(microseconds))
  }

  @Test(arguments: [
    "", " ", "s", "5x", "5 S", "-5", "+5", "5,5s", "1.", ".5s", "1..2s", "1e3", "infinity", "٣s",
    "99999999999999999999", "9999999999y",
  ])
  func `what is no time span is refused`(text: String) {
    #expect(TimeSpan.parse(text) == nil)
  }

  @Test(arguments: [
    "5s", "60s", "119s", "2min", "1h 1min 30s", "1h 30s", "2d", "500ms", "1d 2h 3min 4s 5ms 6us", "0",
  ])
  func `a time span is written so that it can be read back`(text: String) throws {
    #expect(TimeSpan.text(try #require(TimeSpan.parse(text))) == text)
  }

  @Test(arguments: [
    ("0", 0), ("1000", 1000), ("64M", 64 << 20), ("1536K", 1536 << 10), ("2G", 2 << 30), ("1T", 1 << 40),
  ])
  func `a size is read, and written with the same unit`(text: String, bytes: Int64) {
    #expect(ByteSize.parse(text) == bytes)
    #expect(ByteSize.text(bytes) == text)
  }

  @Test(arguments: ["", "K", "-1", "1.5M", "64m", "64MB", "1 M", "9999999999T", "+5"])
  func `what is no size is refused`(text: String) {
    #expect(ByteSize.parse(text) == nil)
  }

  @Test(arguments: [
    ("staff-*.xml", "staff-2026.xml", true), ("staff-*.xml", "staff-.xml", true),
    ("staff-*.xml", "staff.xml", false),
    ("*", "", true), ("?", "é", true), ("?", "e\u{301}", false), ("é", "e\u{301}", false),
    ("a?c", "abc", true),
    ("[a-c]x", "bx", true), ("[!a-c]x", "bx", false), ("[^a-c]x", "dx", true), ("[]]", "]", true),
    ("[*]", "*", true), ("[*]", "a", false), ("[a-]", "-", true), ("*.*.tsv", "a.b.tsv", true),
    ("*a*b*c", "xaxbxbxc", true), ("*a*b*c", "xaxcxb", false), ("a*", "ba", false), ("*a", "ab", false),
    ("**", "anything", true), ("A", "a", false),
  ])
  func `a glob matches as a shell's`(pattern: String, name: String, matches: Bool) throws {
    #expect(try #require(Glob(pattern)).matches(name) == matches)
  }

  @Test func `a glob with many stars takes no time to speak of`() throws {
    let glob = try #require(Glob(String(repeating: "a*", count: 60) + "b"))
    #expect(!glob.matches(String(repeating: "a", count: 255)))
  }

  @Test(arguments: ["", "[", "[a", "x[!", "[z-a]", "[]"])
  func `what is no glob is refused`(pattern: String) {
    #expect(Glob(pattern) == nil)
  }

  @Test func `a comment is filled in, and what is filled in is left alone`() throws {
    let source = SourceName("hr")!
    let set = SetID("20261124T070512Z-hr-7f3k2m9q")!
    let completed = Timestamp("2026-11-24T07:05:12Z")!
    let template = try CommentTemplate("%s|%i|%n|%t|%%s|é")
    #expect(
      template.text(source: source, set: set, name: "100%i.json", completed: completed)
        == "hr|20261124T070512Z-hr-7f3k2m9q|100%i.json|2026-11-24T07:05:12Z|%s|é")
    #expect(
      CommentTemplate.standard.text(source: source, set: set, name: "x", completed: completed)
        == "hr export 20261124T070512Z-hr-7f3k2m9q")
  }

  @Test func `a comment that the server would refuse for its size is refused`() {
    #expect(throws: BadValue.self) {
      try CommentTemplate(String(repeating: "x", count: CommentTemplate.limit + 1))
    }
  }

  @Test(arguments: [
    ("https://h", "https://h"), ("HTTPS://Haplo.Example.ORG/", "https://haplo.example.org"),
    ("https://h:443//", "https://h:443"), ("http://localhost:8080", "http://localhost:8080"),
    ("http://127.0.0.1:1", "http://127.0.0.1:1"), ("http://[::1]:80/", "http://[::1]:80"),
    ("http://127.9.9.9", "http://127.9.9.9"),
  ])
  func `an address is taken, small and without a slash at its end`(text: String, url: String) throws {
    #expect(try Sample.parse("[Server]\nURL=\(text)\n[Source a]\n").server.url == url)
  }

  @Test(arguments: [
    ("h", "no scheme"), ("ftp://h", "must begin with"), ("https://", "no host"),
    ("https://u@h", "user or password"),
    ("https://h?x=1", "remove all from '?' on"), ("https://h/#a", "remove all from '#' on"),
    ("https://h/api/haplo-data-import-batch/", "remove '/api/haplo-data-import-batch/'"),
    ("https://h:0", "port"), ("https://h:65536", "port"), ("https://h:", "port"), ("https://h:+5", "port"),
    ("https://a b", "host"), ("https://a..b", "host"), ("https://bücher.de", "host"), ("https://[x]", "host"),
    ("http://haplo.example.org", "unencrypted"), ("http://127.0.0.1.example.org", "unencrypted"),
    ("http://127.0.0.1000", "unencrypted"), ("http://localhost.example.org", "unencrypted"),
  ])
  func `an address that would lead astray is refused`(text: String, words: String) throws {
    let found = Sample.findings("[Server]\nURL=\(text)\n[Source a]\n")
    #expect(found.count == 1)
    #expect(found.first?.contains(words) == true, "\(found)")
  }

  @Test func `plain http is possible to those who insist, with a warning`() throws {
    let configuration = try Sample.parse("[Server]\nURL=http://h.example\nAllowPlainHTTP=yes\n[Source a]\n")
    #expect(configuration.server.url == "http://h.example")
    #expect(
      configuration.warnings.map(\.description) == [
        "/etc/0.conf:3: warning: the API key is sent unencrypted to http://h.example"
      ])
  }

  @Test(arguments: [
    ("statsu", "status"), ("lst", "list"), ("STATUS", "status"), ("stauts", "status"), ("exp", "explain"),
    ("xyzzy", nil), ("", nil), ("s", nil),
  ])
  func `the word that was meant is guessed only when it is near`(word: String, meant: String?) {
    #expect(Spelling.nearest(to: word, among: ["status", "list", "explain", "show"]) == meant)
  }

  @Test func `directories outside the unit's own need a grant, nested ones only one`() throws {
    let text = Sample.minimal + "Directory=/srv/50% off/x\n[Source b]\n[Daemon]\nStateDirectory=/srv/s\n"
    #expect(
      SandboxGrants(try Sample.parse(text)).dropIn == [
        "[Service]", "ReadWritePaths=\"/srv/50%% off/x\"", "ReadWritePaths=/srv/s",
      ])
    #expect(SandboxGrants(try Sample.parse(Sample.minimal)).dropIn.isEmpty)
    let home = Sample.minimal + "Directory=/home/hr/export\n"
    #expect(
      SandboxGrants(try Sample.parse(home)).dropIn == [
        "[Service]", "ProtectHome=tmpfs", "BindPaths=/home/hr/export",
      ])
    let spool = Sample.minimal + "[Daemon]\nSpoolDirectory=/srv/spool\n"
    #expect(SandboxGrants(try Sample.parse(spool)).paths == ["/srv/spool"])
    let metrics = Sample.minimal + "[Daemon]\nMetricsFile=/var/lib/collector/haplo.prom\n"
    #expect(SandboxGrants(try Sample.parse(metrics)).paths == ["/var/lib/collector"])
    let ours = Sample.minimal + "[Daemon]\nMetricsFile=/run/haplo-importd/haplo-importd.prom\n"
    #expect(SandboxGrants(try Sample.parse(ours)).dropIn.isEmpty)
  }

  @Test func `an instance's directories need no grant, and another's do`() throws {
    let own = """
      [Daemon]
      SpoolDirectory=/var/spool/haplo-importd-hr-east
      StateDirectory=/var/lib/haplo-importd-hr-east

      """
    let instance = try Sample.parse(Sample.minimal + own + "RuntimeDirectory=/run/haplo-importd-hr-east\n")
    #expect(SandboxGrants(instance).dropIn.isEmpty)
    let unit = ServiceUnit(instance)
    #expect(unit.name == "haplo-importd@hr-east")
    #expect(unit.configurationDirectory == "/etc/haplo-importd/hr-east")
    let forgotten = SandboxGrants(try Sample.parse(Sample.minimal + own))
    #expect(forgotten.paths == ["/run/haplo-importd"])
    #expect(forgotten.dropInPath.contains("/haplo-importd@hr-east.service.d/"))
  }

  @Test(arguments: [
    "/var/spool/haplo-importd", "/var/spool/haplo-importd-", "/var/spool/haplo-importd-a/b", "/srv",
  ])
  func `any other spool is that of the unit without an instance`(spool: String) throws {
    let configuration = try Sample.parse(Sample.minimal + "[Daemon]\nSpoolDirectory=\(spool)\n")
    #expect(ServiceUnit(configuration).name == "haplo-importd")
    #expect(ServiceUnit(configuration).configurationDirectory == "/etc/haplo-importd")
  }
}
