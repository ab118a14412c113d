import FoundationEssentials
import Glibc
import Testing

private let exporter = "61002"

/// `drop` by a user without rights, and onto a disk without room.
@Suite(.enabled(if: geteuid() == 0, "only root can mount, and act as another user"))
struct DropRefusalTests {
  let bench: ProgramBench

  init() throws {
    bench = try ProgramBench()
    shell("chmod 711 '\(bench.directory)' && cp '\(BuiltProgram.path)' '\(bench.directory)/haplo-importd'")
    shell("mkdir '\(bench.directory)/out' && chmod 755 '\(bench.directory)/out'")
    try bench.write("out/control.json", ProgramBench.control)
    try bench.write("out/data0.json", "[]")
  }

  @discardableResult
  private func shell(_ command: String) -> Int32 { system(command) }

  private func drop(groups: String) -> BuiltProgram.Run {
    BuiltProgram.run(
      ["--reuid=\(exporter)", "--regid=\(exporter)", groups, "\(bench.directory)/haplo-importd", "--config"]
        + [bench.configuration, "drop", "hr", "\(bench.directory)/out"], program: "/usr/bin/setpriv")
  }

  @Test func `without write access the status is 77, and the group to join is named`() throws {
    shell("chgrp games '\(bench.drop)' && chmod 2775 '\(bench.drop)'")
    let run = drop(groups: "--clear-groups")
    #expect(run.status == 77, "\(run)")
    #expect(run.errors.contains("user root and group games"), "\(run.errors)")
    #expect(run.errors.contains("'adduser USER games'"), "\(run.errors)")
    chmod(bench.drop, 0o2770)
    #expect(drop(groups: "--clear-groups").status == 77)
  }

  @Test func `a member of the group drops what the group can read and move, whatever the umask`() throws {
    shell("chgrp games '\(bench.drop)' && chmod 2770 '\(bench.drop)'")
    let games = try #require(getgrnam("games")).pointee.gr_gid
    let run = drop(groups: "--groups=\(games)")
    #expect(run.status == 0, "\(run)")
    for (name, mode) in [("out", mode_t(0o2770)), ("out/data0.json", 0o640), ("out/SHA256SUMS", 0o640)] {
      var status = stat()
      #expect(lstat("\(bench.drop)/\(name)", &status) == 0)
      #expect(status.st_mode & 0o7777 == mode && status.st_gid == games, "\(name)")
    }
  }

  @Test func `on a full disk nothing is left behind`() throws {
    try #require(shell("mount -t tmpfs -o size=256k t '\(bench.drop)' 2>/dev/null") == 0)
    defer { shell("umount '\(bench.drop)'") }
    try bench.write("out/data0.json", "[" + String(repeating: " ", count: 400_000) + "]")
    let run = bench.run("drop", "hr", bench.directory + "/out")
    #expect(run.status == 74, "\(run)")
    #expect(run.errors.contains("No space left on device"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: bench.drop) == [])
  }
}
