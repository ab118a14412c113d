import FoundationEssentials
import Glibc
import HaploSimulator
import Testing

/// Everything odd that can lie in a drop directory, all at once beside a good set: the good one goes through, what is odd
/// is rejected or left with its reason, nothing outside is opened, and no name forges a line of the log.
@Suite struct HostileDropTests {
  let bench: ProgramBench
  private var outside: String { bench.directory + "/outside" }

  init() throws {
    bench = try ProgramBench()
    try FileManager.default.createDirectory(atPath: outside + "/set", withIntermediateDirectories: true)
    try bench.write("outside/secret.json", #"[{"id": "secret"}]"#)
    for folder in ["outside", "outside/set"] {
      try bench.write(folder + "/control.json", ProgramBench.control)
    }
    try bench.write("outside/set/data0.json", #"[{"id": "secret too"}]"#)
  }

  /// What becomes of something odd.
  enum Fate: Sendable {
    /// It stays in the drop directory, and `explain` says why with these words.
    case left(String)
    /// It is rejected, for a reason with these words.
    case rejected(String)
  }

  /// A row: a folder of the drop directory, what is done to a good set in it, and what becomes of it. `$out` is the
  /// directory outside.
  struct Row: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var command: String
    var fate: Fate

    init(_ name: String, _ command: String, _ fate: Fate) {
      (testDescription, self.command, self.fate) = (name, command, fate)
    }
  }

  static let rows = [
    Row("control-link", "ln -sf $out/control.json control.json", .left("symbolic link")),
    Row("data-link", "ln -sf $out/secret.json data0.json", .left("symbolic link")),
    Row("folder-link", "cd ..; rm -r folder-link; ln -s $out/set folder-link", .left("symbolic link")),
    Row("inner-link", "ln -s $out/set inner", .left("symbolic link")),
    Row("dangling-link", "ln -s $out/nothing more.json", .left("symbolic link")),
    Row("hard-link", "ln -f $out/secret.json data0.json", .left("2 hard links")),
    Row("hard-link-control", "ln -f $out/control.json control.json", .left("2 hard links")),
    Row("fifo-data", "rm data0.json; mkfifo data0.json", .left("named pipe")),
    Row("fifo-control", "rm control.json; mkfifo control.json", .left("named pipe")),
    Row("fifo-sums", "mkfifo SHA256SUMS", .left("named pipe")),
    Row(
      "socket",
      #"rm data0.json; perl -MSocket -e 'socket(S,PF_UNIX,SOCK_STREAM,0); bind(S,sockaddr_un("data0.json"))'"#,
      .left("socket")),
    Row("directory-data", "rm data0.json; mkdir data0.json", .left("data0")),
    Row("directory-control", "rm control.json; mkdir control.json", .left("control.json")),
    Row("newline", #"touch "$(printf 'x\n<2>set=forged state=archived')""#, .left("control characters")),
    Row("escape", #"touch "$(printf 'x\033[2Jy')""#, .left("control characters")),
    Row("not-utf8", #"touch "$(printf 'x\377y')""#, .left("not UTF-8")),
    Row("not-utf8-folder", #"mkdir "$(printf 'x\377y')"; touch "$(printf 'x\377y')/z""#, .left("not UTF-8")),
    Row("key-up", "sed -i s:data0:../../../outside/secret.json: control.json", .left("outside")),
    Row("key-absolute", "sed -i s:data0:$out/secret.json: control.json", .left("outside")),
    Row("key-dots", "sed -i s:data0:..: control.json", .left("..")),
    Row("key-empty", "sed -i s:data0:: control.json", .left("key")),
    Row("key-nul", #"sed -i 's:data0:data0\\u0000:' control.json"#, .left("key")),
    Row("key-newline", #"sed -i 's:data0:a\\nb\\u001b:' control.json"#, .left("key")),
    Row("deep-control", "head -c 100000 /dev/zero | tr '\\0' '[' >control.json", .rejected("nested deeper")),
    Row("deep-data", "head -c 100000 /dev/zero | tr '\\0' '[' >data0.json", .rejected("nest")),
    Row("huge-control", "truncate -s 17M control.json", .rejected("16 MiB")),
    Row("empty-control", ": >control.json", .rejected("control.json:1:1")),
    Row("nul-control", "head -c 1000 /dev/zero >control.json", .rejected("control.json:1:1")),
    Row("not-utf8-control", #"printf '{"\377": 1}' >control.json"#, .rejected("UTF-8")),
    Row("bom-control", #"sed -i '1s/^/\xef\xbb\xbf/' control.json"#, .rejected("byte order mark")),
    Row(
      "wrong-sums", "echo data0.json | sha256sum - | sed 's/-/data0.json/' >SHA256SUMS",
      .rejected("data0.json")),
    Row("sums-up", "sha256sum $out/secret.json >SHA256SUMS", .rejected("SHA256SUMS:1")),
  ]

  private func prepare() throws {
    for row in Self.rows { try prepare(row) }
    for name in ["before", "zz-after"] {
      try bench.dropFolder(name, data: ["data0.json": "[{\"id\": \"\(name)\"}]"])
    }
  }

  private func prepare(_ row: Row) throws {
    try bench.dropFolder(row.testDescription)
    let shell = BuiltProgram.run(
      ["-ec", "cd '\(bench.drop)/\(row.testDescription)'; out='\(outside)'; \(row.command)"],
      program: "/bin/sh")
    try #require(shell.status == 0, "\(row): \(shell.errors)")
  }

  @Test func `the good sets go through, what is odd has its reason, and nothing is forged`() throws {
    try prepare()
    let once = bench.run("once")
    #expect(once.status == 65, "\(once.errors)")
    #expect(bench.simulator.record.jobs.flatMap(\.files).map(\.size) == [18, 20], "\(once.errors)")
    for row in Self.rows { try check(row) }
    for line in once.errors.split(separator: "\n") {
      #expect(line.wholeMatch(of: /[\x20-\x7e…]*/) != nil, "\(line)")
      #expect(!line.hasPrefix("<"), "no priority outside of a unit, least of all one of a name: \(line)")
    }
    let listed = try bench.json(bench.run("list", "--json")).compactMap { $0["name"]?.text }
    #expect(listed.filter { $0 == "before" || $0 == "zz-after" }.count == 2)
  }

  private func check(_ row: Row) throws {
    let name = row.testDescription
    switch row.fate {
    case .left(let words):
      let run = bench.run("explain", "\(bench.drop)/\(name)")
      #expect(run.status == 65 || run.status == 75, "\(name): \(run.output)\(run.errors)")
      #expect(run.output.contains(words), "\(name): \(run.output)")
      #expect(run.output.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 32 }, "\(name): \(run.output)")
    case .rejected(let words):
      let set = try bench.json(bench.run("list", "--json", "--state", "rejected")).first {
        $0["name"]?.text == name
      }
      #expect(set?["reason"]?.text?.contains(words) == true, "\(name): \(String(describing: set))")
    }
  }

  @Test(.enabled(if: access("/usr/bin/strace", X_OK) == 0, "strace is not installed"))
  func `no file outside is opened, and nothing that is no regular file`() throws {
    try prepare()
    if getuid() == 0 {
      // What a device does when it is opened only its driver knows.
      try prepare(Row("device", "rm data0.json; mknod data0.json c 1 3", .left("character device")))
      try prepare(Row("disk", "rm data0.json; mknod data0.json b 7 0", .left("block device")))
    }
    let trace = bench.directory + "/trace"
    let run = BuiltProgram.run(
      ["-f", "-yy", "-o", trace, "-e", "trace=open,openat,openat2", BuiltProgram.path]
        + ["--config", bench.configuration, "once"], program: "/usr/bin/strace")
    #expect(run.status == 65, "\(run.errors)")
    let text = String(decoding: try #require(FileManager.default.contents(atPath: trace)), as: UTF8.self)
    let opened = text.split(separator: "\n").compactMap { Self.opened(String($0)) }
    #expect(opened.contains { $0.contains("/spool/work/hr/") }, "the trace shows what is opened")
    #expect(opened.contains { $0.hasPrefix(bench.drop + "/before") })
    let wrong = opened.filter { $0.hasPrefix(outside) || $0.contains("<char") || $0.contains("<block") }
    #expect(wrong.filter { !$0.hasPrefix("/dev/") } == [])
    let special = [
      "fifo-data/data0.json", "fifo-control/control.json", "fifo-sums/SHA256SUMS", "socket/data0.json",
    ]
    #expect(opened.filter { path in special.contains { path.hasSuffix($0) } } == [])
  }

  /// The path of what a line of strace shows as opened: `… = 7</path>`, with the kind of a device behind it.
  private static func opened(_ line: String) -> String? {
    guard let match = line.firstMatch(of: /\ = \d+<(.*)>$/) else { return nil }
    return String(match.1)
  }
}
