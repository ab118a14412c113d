import Glibc
import HaploSimulator
import Testing

/// Users that nobody has.
private let (daemon, exporter) = ("61001", "61002")

private let mayBecomeOthers = getuid() == 0 && access("/usr/bin/setpriv", X_OK) == 0

/// What is dropped with any rights is claimed by a daemon that is neither root nor the exporter, if it has CAP_FOWNER; without, it
/// says what to do.
@Suite(.enabled(if: mayBecomeOthers, "only root may become somebody else, by setpriv"))
struct DropRightsTests {
  let bench: ProgramBench

  init() throws {
    bench = try ProgramBench()
    try bench.write("control", ProgramBench.control)
    // The build directory can be closed to others.
    shell("cp '\(BuiltProgram.path)' '\(bench.directory)/haplo-importd'")
    shell("chmod 711 '\(bench.directory)' && mkdir -p '\(bench.directory)/state' '\(bench.directory)/run'")
    shell("chown -R \(daemon):\(daemon) '\(bench.directory)'; chmod 2777 '\(bench.drop)'")
  }

  @discardableResult
  private func shell(_ command: String) -> Int32 { system(command) }

  /// Runs the program as the daemon's user.
  private func run(_ arguments: String..., capabilities: String = "+fowner,+lease") -> BuiltProgram.Run {
    let user = ["--reuid=\(daemon)", "--regid=\(daemon)", "--clear-groups"]
    let rights = ["--inh-caps=\(capabilities)", "--ambient-caps=\(capabilities)"]
    let program = ["\(bench.directory)/haplo-importd", "--config", bench.configuration]
    return BuiltProgram.run(user + rights + program + arguments, program: "/usr/bin/setpriv")
  }

  /// A folder with a set, made under a umask by a user, and the command that puts it into the drop directory.
  private func drop(umask: String, owner: String, _ command: String) {
    let place = bench.directory + "/staging"
    shell(
      "umask \(umask) && mkdir -p '\(place)/staff/sub' && cp '\(bench.directory)/control' '\(place)/staff/control.json' "
        + "&& echo '[]' >'\(place)/staff/data0.json' && echo x >'\(place)/staff/sub/note'")
    shell("chown -R \(owner):\(owner) '\(place)/staff'; chmod 755 '\(place)'")
    shell("umask \(umask) && cd '\(place)' && DROP='\(bench.drop)' && \(command)")
  }

  @Test(arguments: ["022", "077"], ["0", exporter])
  func `a set that was moved in with its own rights is claimed`(umask: String, owner: String) throws {
    drop(umask: umask, owner: owner, #"mv staff "$DROP/""#)
    let once = run("once")
    #expect(once.status == 0, "\(once.errors)")
    #expect(bench.simulator.record.jobs.count == 1, "\(once.errors)")
  }

  @Test(arguments: [
    #"cp -r staff "$DROP/""#, #"cp -a staff "$DROP/""#, #"tar c staff | tar x -C "$DROP""#,
    #"chmod -R go= staff; cp -a staff "$DROP/""#, #"chmod 0770 staff; mv staff "$DROP/""#,
  ])
  func `a set that root puts there by any ordinary command is claimed`(command: String) throws {
    drop(umask: "022", owner: "0", command)
    let once = run("once")
    #expect(once.status == 0, "\(once.errors)")
    #expect(bench.simulator.record.jobs.count == 1, "\(once.errors)")
  }

  @Test func `a default list whose mask is narrowed by the folder's mode is widened by what is needed`()
    throws
  {
    guard shell("setfacl -d -m u:\(daemon):rwx '\(bench.drop)' 2>/dev/null") == 0 else { return }
    drop(umask: "022", owner: "0", #"cp -r staff "$DROP/""#)
    let once = run("once")
    #expect(bench.simulator.record.jobs.count == 1, "\(once.errors)")
  }

  @Test func `flat files of another owner are claimed`() throws {
    drop(umask: "077", owner: exporter, #"mv staff/data0.json staff/control.json "$DROP/""#)
    let once = run("once")
    #expect(bench.simulator.record.jobs.count == 1, "\(once.errors)")
  }

  @Test func `without the capability, log and explain say at once who owns it and what to run`() throws {
    drop(umask: "077", owner: exporter, #"mv staff "$DROP/""#)
    let once = run("once", capabilities: "+lease")
    #expect(bench.simulator.record.jobs.isEmpty)
    #expect(once.errors.contains("cannot access what was dropped"), "\(once.errors)")
    let explain = run("explain", bench.drop + "/staff", capabilities: "+lease")
    #expect(explain.status == 65, "\(explain.output)\(explain.errors)")
    let owner = "owner uid \(exporter):\(exporter), mode 0700"
    #expect(explain.output.contains("cannot read this folder (\(owner))"), "\(explain.output)")
    #expect(
      explain.output.contains("setfacl -R -m u:\(daemon):rwX \(bench.drop)/staff"), "\(explain.output)")
  }

  /// The exporter still owns the files after the claim, and can close them.
  @Test(arguments: [
    "chmod 000 files/data0.json", "chmod 000 files/sub", "chmod 000 files/sub/note", "chmod 000 files",
    "chmod 000 files/* files",
  ])
  func `a right that was taken away after the claim is granted again`(command: String) throws {
    try bench.configure(source: "QuietSec=0\nMode=approve")
    shell("chown \(daemon):\(daemon) '\(bench.configuration)'")
    drop(umask: "022", owner: exporter, #"mv staff "$DROP/""#)
    #expect(run("once").status == 0)
    shell("cd '\(bench.directory)'/spool/work/hr/* && \(command)")
    #expect(run("approve", "--all", "--source", "hr").status == 0)
    // The step that met the closed file is tried again a moment later.
    var once = run("once")
    for _ in 0..<500 where once.status == 75 { once = run("once") }
    #expect(once.status == 0, "\(once.errors)")
    #expect(bench.simulator.record.jobs.count == 2, "\(once.errors)")
    let verify = run("verify")
    #expect(verify.status == 0, "\(verify.output)\(verify.errors)")
  }

  @Test func `what an exporter has closed in the archive goes with its set`() throws {
    try bench.configure(source: "QuietSec=0\nArchiveKeepSec=1s")
    shell("chown \(daemon):\(daemon) '\(bench.configuration)'")
    drop(umask: "022", owner: exporter, #"mv staff "$DROP/""#)
    #expect(run("once").status == 0)
    shell("chmod 500 '\(bench.directory)'/spool/archive/hr/*/*/*/*/files/sub")
    var prune = run("prune")
    for _ in 0..<500 where !prune.output.contains("1 set") { prune = run("prune") }
    #expect(prune.status == 0, "\(prune.output)\(prune.errors)")
    #expect(shell("test -z \"$(find '\(bench.directory)/spool/archive' -name files)\"") == 0)
  }

  @Test func `a file of another owner than its folder's is not touched`() throws {
    drop(umask: "077", owner: exporter, #"chown 0:0 staff/data0.json; mv staff "$DROP/""#)
    let once = run("once")
    #expect(bench.simulator.record.jobs.isEmpty)
    #expect(once.errors.contains("cannot read this file (owner root:root, mode 0600)"), "\(once.errors)")
    var status = stat()
    #expect(stat(bench.drop + "/staff/data0.json", &status) == 0 && status.st_mode & 0o777 == 0o600)
  }
}
