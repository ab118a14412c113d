import ImportCore
import Testing

@Suite struct ConfigurationFindingsTests {
  @Test func `all that is wrong is found at once, in the order of files and lines`() {
    let found = Sample.findings(
      "[Server]\nURL=https://h\nConectTimeoutSec=5\nnonsense\n[Source hr]\nMode=imprt\n",
      "QuietSec=1\n[Source hr]\nQuietSec=soon\nQuietSec=2\n")
    #expect(
      found == [
        "/etc/0.conf:3: error: unknown key 'ConectTimeoutSec' in [Server]; did you mean 'ConnectTimeoutSec='?",
        "/etc/0.conf:4: error: the line is neither KEY=VALUE nor [Section] nor a comment",
        "/etc/0.conf:6: error: Mode=imprt must be 'dry-run' or 'import' or 'approve' or 'import-if-clean'; did you mean 'import'?",
        "/etc/1.conf:1: error: QuietSec= is before the first [Section]",
        "/etc/1.conf:3: error: QuietSec=soon must be a time span, such as '30s', '5min' or '1h 30s'",
        "/etc/1.conf:4: error: QuietSec= was given in line 3 already; remove one of them",
      ])
  }

  /// Lines after those of `Sample.minimal`, with words that the one finding must have.
  @Test(arguments: [
    ("mode=import", "did you mean 'Mode='?"),
    ("Quiet=5", "did you mean 'QuietSec='?"),
    ("URL=https://x", "it belongs in [Server]"),
    ("MinFreeSpace=1", "it belongs in [Daemon]"),
    ("OnDuplicates=skip", "unknown key 'OnDuplicates' in [Source hr]; did you mean 'OnDuplicate='?"),
    ("OnDuplicate=skp", "'import' or 'skip' or 'hold'; did you mean 'skip'?"),
    ("ShrinkLimit=30", "must be a share from '0%' to '99%'"), ("ShrinkLimit=100%", "must be a share"),
    ("ShrinkLimit=%", "must be a share"), ("ShrinkLimit=-1%", "must be a share"),
    ("ShrinkLimit=0.3%", "must be a share"), ("ShrinkLimit=30 %", "must be a share"),
    ("MinRecords=-1", "must be a number of records"), ("MinRecords=10%", "must be a number of records"),
    ("MinRecords.=1", "names no key"), ("MinRecords.a=x", "must be a number of records"),
    ("minrecords.a=1", "did you mean 'MinRecords.a='?"), ("RecordKey.=id", "names no key"),
    ("ChangeLimit=20", "must be a share from '0%' to '1000%'"), ("ChangeLimit=1001%", "must be a share"),
    ("ChangeLimit=-5%", "must be a share"), ("FirstSet=held", "'import' or 'hold'; did you mean 'hold'?"),
    ("RecordKey.a=id\nRemovalLimit=100%", "must be a share from '0%' to '99%'"),
    ("RecordKey.a=id\nRemovalLimit=5 keys", "or a number, such as '50 records'"),
    ("RemovalLimit=10%", "write 'RecordKey.KEY=FIELD'"),
    ("Check=control\nChangeLimit=20%", "ChangeLimit= needs Check=full: with Check=control no records"),
    ("Check=off\nMinRecords.a=1", "MinRecords.a= needs Check=full: with Check=off no records"),
    ("ExpectEverySec=often", "must be a time span"), ("ExpectEverySec=0", "must be 1s or more"),
    ("ExpectEverySec=infinity", "'infinity' is not possible here"),
    ("ApprovalWarnSec=0", "must be 1s or more"), ("ResultFiles=maybe", "'yes' or 'no'"),
    ("Mode=aprove", "must be 'dry-run' or 'import' or 'approve'"),
    ("Mode=", "has no value"), ("Mode=import # really", "put a comment on its own line"),
    ("Mode=Import", "did you mean 'import'?"),
    ("QuietSec=-1", "must be a time span"), ("QuietSec=infinity", "'infinity' is not possible here"),
    ("RescanSec=0", "must be 10ms or more"), ("MaxInFlight=0", "from 1 to 1000"),
    ("MaxInFlight=4x", "from 1 to 1000"), ("Directory=drop", "absolute path"),
    ("Directory=/srv/../etc", "'..'"), ("MarkerFile=a/b", "without '/'"), ("MarkerFile=*.done", "patterns"),
    ("MarkerFile=control.json", "is the control file's name"), ("MarkerFile=x.tmp", "still being written"),
    ("MarkerFile=.done", "still being written"), ("MarkerFile=Thumbs.db", "is ignored"),
    ("File.a=control.json", "is never a data file"), ("File.a=SHA256SUMS", "is never a data file"),
    ("File.a=*.part", "still being written"), ("File.a=.hidden", "still being written"),
    ("Mode=\"import\"", "remove the quotes: they are part of the value"),
    ("File.=x", "names no key"), ("File.DEFAULT=x", "DEFAULT"), ("File.a=../x", "without '/'"),
    ("File.a=x[1", "without its ']'"), ("File.a=..", "name of a file"),
    ("Comment=%x", "'%x'"), ("Comment=50%", "ends in a single '%'"), ("Comment=a\\", "one line only"),
    ("Comment=a\u{7}", "control character (code 7)"), ("Comment=\u{9b}1m", "code 155"),
    ("file.a=x", "did you mean 'File.a='?"), ("=x", "no key before '='"),
    ("[Sorce x]", "did you mean '[Source x]'?"), ("[server]", "did you mean '[Server]'?"),
    ("[Else]", "sections are"), ("[Source]", "needs a name"), ("[Source a/b]", "cannot name a source"),
    ("[Source -a]", "cannot name a source"), ("[Daemon", "must end in ']'"),
    ("[Daemon]\nMinFreeSpace=64MB", "number of bytes"),
    ("[Daemon]\nMetricsFile=metrics.prom", "absolute path"),
    ("[Daemon]\nMetricsFile=/var/spool/haplo-importd/drop/hr/x.prom", "which is for sets only"),
    ("[Daemon]\nMetricsFile=/var/spool/haplo-importd/archive/x.prom", "which is for sets only"),
    ("[Server]\nMaxConnections=65", "from 1 to 64"), ("[Server]\nReplyTimeoutSec=0", "must be 1ms or more"),
    ("[Server]\nAllowPlainHTTP=maybe", "'yes' or 'no'"), ("[Server]\nBandwidthLimit=0", "must be 1 or more"),
    ("[Server]\nClientKeyFile=/k", "needs ClientCertificateFile="),
    ("[Server]\nProxy=proxy", "must begin with"),
  ])
  func `a mistake is named with file, line and remedy`(lines: String, words: String) throws {
    let found = Sample.findings(Sample.minimal + lines + "\n")
    #expect(found.count == 1)
    let first = try #require(found.first)
    let line = 3 + lines.split(separator: "\n").count
    #expect(first.hasPrefix("/etc/0.conf:\(line): error: "), "\(first)")
    #expect(first.contains(words), "\(first)")
  }

  @Test func `an address and a source are asked for`() {
    #expect(Sample.findings("").map { $0.prefix(40) }.count == 2)
    #expect(
      Sample.findings("[Source a]\n") == [
        "/etc/0.conf:1: error: URL= is missing in [Server]; write 'URL=https://' and the server's name"
      ])
    #expect(Sample.findings("\n[Server]\nURL=https://h\n")[0].contains("there is no source"))
  }

  @Test func `an address without a value or in quotes is told how to be written`() {
    #expect(
      Sample.findings("[Server]\nURL=\n[Source a]\n") == [
        "/etc/0.conf:2: error: URL= has no value; write 'URL=https://' and the server's name"
      ])
    #expect(
      Sample.findings("[Server]\nURL=\"https://h\"\n[Source a]\n") == [
        "/etc/0.conf:2: error: URL= must begin with 'https://' (remove the quotes: they are part of the value)"
      ])
  }

  @Test func `comments, blank lines, blanks around names and DOS line ends are fine`() throws {
    let text =
      "\u{FEFF}# c\r\n; c\r\n\r\n  [Server]\r\n\tURL =  https://h \r\n[ Source  hr ]\r\nComment= a # b \r\n"
    let configuration = try Sample.parse(text)
    #expect(configuration.sources[0].comment.template == "a # b")
  }

  @Test func `a value that seems to end in a comment is taken whole, with a warning`() throws {
    let configuration = try Sample.parse(Sample.minimal + "Directory=/srv/x # drop\n")
    #expect(configuration.sources[0].directory == "/srv/x # drop")
    #expect(
      configuration.warnings.map(\.description) == [
        "/etc/0.conf:4: warning: Directory= includes everything after '='; put a comment on its own line"
      ])
  }

  @Test func `a password is not repeated in a finding`() {
    let found = Sample.findings(
      "[Server]\nURL=https://haplo:s3cret@h\nProxy=ftp://me:s3cret@p\n[Source hr]\n")
    #expect(found.count == 2)
    #expect(found.allSatisfy { !$0.contains("s3cret") })
  }

  @Test(arguments: [
    ("Directory=/srv/x\n[Source z]\nDirectory=/srv/x", 6),
    ("Directory=/srv/x\n[Source z]\nDirectory=/srv/x/y/", 6),
    ("Directory=/srv/x/y\n[Source z]\nDirectory=/srv/x", 6),
    ("Directory=/var/spool/haplo-importd/work", 4), ("Directory=/var/spool/haplo-importd", 4),
    ("Directory=/var/spool/haplo-importd/archive/x", 4), ("Directory=/var", 4), ("Directory=/", 4),
    ("Directory=/var/lib/haplo-importd/x", 4), ("Directory=/run/haplo-importd", 4),
    ("Directory=/var/spool/haplo-importd/drop/b\n[Source b]", 4),
    ("[Daemon]\nStateDirectory=/var/spool/haplo-importd/drop/hr", 5),
  ])
  func `directories that overlap are refused`(lines: String, line: Int) throws {
    let found = Sample.findings(Sample.minimal + lines + "\n")
    let first = try #require(found.first)
    #expect(first.contains("overlaps with") || first.contains(" is in "), "\(first)")
    #expect(found.contains { $0.hasPrefix("/etc/0.conf:\(line): ") }, "\(found)")
  }

  @Test func `directories that only begin alike do not overlap`() throws {
    let text = Sample.minimal + "Directory=/srv/x\n[Source b]\nDirectory=/srv/xy\n"
    #expect(try Sample.parse(text).sources.count == 2)
  }

  @Test func `directories overlap where they lead, not where they are written`() throws {
    let configuration = try Sample.parse(
      Sample.minimal + "Directory=/srv/x\n[Source z]\nDirectory=/srv/y\n")
    try configuration.check(resolved: ["/srv/x": "/srv/x"])
    let error = try #require(throws: ConfigurationErrors.self) {
      try configuration.check(resolved: ["/srv/y": "/srv/x/deep"])
    }
    #expect(
      error.description
        == "/etc/0.conf:6: error: Directory=/srv/y (which is /srv/x/deep) of [Source z] overlaps with the directory"
        + " of [Source hr], /srv/x; neither may be the other or lie in it")
  }
}
