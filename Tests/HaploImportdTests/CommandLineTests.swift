import Testing

@Suite struct CommandLineTests {
  @Test func `without arguments, the usage is an error`() {
    let run = BuiltProgram.run([])
    #expect(run.status == 64)
    #expect(run.output.isEmpty)
    #expect(run.errors.hasPrefix("Usage: haplo-importd SUBCOMMAND"))
  }

  @Test(arguments: [
    ["help"], ["--help"], ["-h"], ["help", "config"], ["config", "--help"], ["--help", "config"],
  ])
  func `help is printed to those who ask for it`(arguments: [String]) {
    let run = BuiltProgram.run(arguments)
    #expect(run.status == 0)
    #expect(run.errors.isEmpty)
    #expect(
      run.output.contains(arguments.contains("config") ? "Usage: haplo-importd config" : "Subcommands:"))
  }

  @Test(arguments: [["version"], ["--version"]])
  func `the version is printed`(arguments: [String]) {
    let run = BuiltProgram.run(arguments)
    #expect(run.status == 0)
    #expect(run.output == "haplo-importd 0.1.0\n")
  }

  @Test(arguments: [
    (["cofnig"], "unknown subcommand 'cofnig'; did you mean 'config'?"),
    (["xyzzy"], "unknown subcommand 'xyzzy'\n"), ([""], "unknown subcommand ''\n"),
    (["help", "confg"], "did you mean 'config'?"), (["help", "a", "b"], "'help' does not take 'b'"),
    (["config", "x"], "'config' does not take 'x'"), (["version", "--", "--json"], "does not take '--json'"),
    (["config", "--jason"], "unknown option '--jason'; did you mean '--json'?"),
    (["config", "--offline"], "unknown option '--offline'"), (["config", "-x"], "unknown option '-x'"),
    (["version", "--json"], "unknown option '--json'"), (["--config"], "option '--config' needs an argument"),
    (["config", "--config"], "option '--config' needs an argument"),
    (["config", "--json=yes"], "option '--json' takes no argument"),
    (["--jsn", "config"], "unknown option '--jsn'"),
  ])
  func `a mistake on the command line is named, and ends 64`(arguments: [String], words: String) {
    let run = BuiltProgram.run(arguments)
    #expect(run.status == 64)
    #expect(run.output.isEmpty)
    #expect(run.errors.contains(words), "\(run.errors)")
    #expect(run.errors.contains("Try 'haplo-importd help"))
  }

  @Test func `help that cannot be written is a failure`() {
    let run = BuiltProgram.run(["help"], output: "/dev/full")
    #expect(run.status == 74)
    #expect(run.errors == "haplo-importd: cannot write to standard output: No space left on device\n")
  }
}
