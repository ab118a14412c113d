import Glibc
import Testing

/// What the shells offer when somebody presses Tab, asked of the shells themselves.
@Suite struct CompletionTests {
  private static let bash = "\(ProjectFile.root)/etc/completions/haplo-importd.bash"
  private static let zsh = "\(ProjectFile.root)/etc/completions/haplo-importd.zsh"
  private static let fish = "\(ProjectFile.root)/etc/completions/haplo-importd.fish"

  private let bench: ProgramBench

  init() throws { bench = try ProgramBench(rest: "[Source finance]\n") }

  /// What bash offers in place of the last word.
  private func bash(_ words: String...) -> BuiltProgram.Run {
    let script =
      "source \"$1\"; shift; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _haplo_importd; printf '%s\\n' \"${COMPREPLY[@]}\""
    return BuiltProgram.run(
      ["-uc", script, "bash", Self.bash, BuiltProgram.path] + words, environment: ["PATH=/usr/bin:/bin"],
      program: "/bin/bash")
  }

  private func lines(_ run: BuiltProgram.Run) -> [String] {
    run.output.split(separator: "\n").map(String.init)
  }

  @Test func `bash offers subcommands, options and states`() {
    #expect(lines(bash("re")) == ["retry", "reject", "resume", "reconcile"])
    #expect(lines(bash("help", "ver")) == ["verify", "version"])
    #expect(lines(bash("prune", "--d")) == ["--dry-run"])
    #expect(lines(bash("--v")) == ["--version"])
    #expect(lines(bash("list", "--state", "h")) == ["held"])
    #expect(lines(bash("list", "--state", "=", "h")) == ["held"])
    #expect(lines(bash("reject", "--reason", "")).isEmpty)
    #expect(lines(bash("version", "")).isEmpty)
  }

  @Test func `bash asks the configuration of the command line for its sources`() {
    #expect(lines(bash("--config", bench.configuration, "pause", "")) == ["finance", "hr"])
    #expect(lines(bash("list", "--config", "=", bench.configuration, "--source", "f")) == ["finance"])
  }

  @Test func `bash offers the sets that a subcommand is for`() throws {
    try bench.dropFolder("first")
    try bench.dropFolder("second", control: #"{"model": "std:person"}"#)
    #expect(bench.run("once").status == 65)
    let sets = try bench.json(bench.run("list", "--json"))
    let rejected = sets.filter { $0["state"] == .string("rejected") }.compactMap { $0["set"]?.text }
    #expect(rejected.count == 1)
    #expect(lines(bash("--config", bench.configuration, "retry", "2")) == rejected)
    #expect(lines(bash("--config", bench.configuration, "approve", "")).isEmpty)
    #expect(
      lines(bash("--config", bench.configuration, "show", "2")) == sets.compactMap { $0["set"]?.text })
  }

  @Test func `bash offers files where files are meant`() {
    #expect(lines(bash("check", "\(bench.directory)/hap")) == ["\(bench.directory)/haplo.conf"])
    #expect(lines(bash("--config", "\(bench.directory)/hap")) == ["\(bench.directory)/haplo.conf"])
  }

  @Test func `what cannot be asked is passed over in silence`() {
    for words in [["pause", ""], ["retry", ""], ["show", "2"], ["list", "--source", ""]] {
      let run = bash("--config", "/nowhere", words[0], words.dropFirst().first ?? "", words.last ?? "")
      #expect(run.errors.isEmpty && lines(run).isEmpty)
    }
  }

  @Test(.enabled(if: access("/usr/bin/zsh", X_OK) == 0, "zsh is not installed"))
  func `zsh can read its completion`() {
    let run = BuiltProgram.run(["-n", Self.zsh], program: "/usr/bin/zsh")
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
  }

  @Test(.enabled(if: access("/usr/bin/fish", X_OK) == 0, "fish is not installed"))
  func `fish offers the same`() {
    let script =
      "function haplo-importd; \(BuiltProgram.path) $argv; end; source \(Self.fish); complete -C "
    func offered(_ line: String) -> [String] {
      let run = BuiltProgram.run(
        ["-N", "-c", script + "'haplo-importd \(line)'"],
        environment: ["PATH=/usr/bin:/bin", "HOME=\(bench.directory)"], program: "/usr/bin/fish")
      #expect(run.errors.isEmpty, "\(run.errors)")
      return run.output.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
    }
    #expect(offered("re") == ["reject", "resume", "retry"])
    #expect(offered("prune --d") == ["--dry-run"])
    #expect(offered("list --state h") == ["held"])
    #expect(offered("version ") == [])
  }
}
