import Testing

/// `list` prints ids for people; the commands that decide take what it prints from standard input.
@Suite struct PipedIdTests {
  private let bench: ProgramBench

  init() throws { bench = try ProgramBench() }

  /// What `list` with `arguments` prints is the input of `retry -`.
  private func retryListed(_ arguments: String) -> BuiltProgram.Run {
    BuiltProgram.run(
      ["-c", "\"$1\" --config \"$2\" list \(arguments) | \"$1\" --config \"$2\" retry -", "sh"]
        + [BuiltProgram.path, bench.configuration], program: "/bin/sh")
  }

  @Test func `the table of list is input for retry`() throws {
    try bench.dropFolder("second", control: #"{"model": "std:person"}"#)
    #expect(bench.run("once").status == 65)
    let set = try #require(try bench.json(bench.run("list", "--json")).first?["set"]?.text)
    let retried = retryListed("--state rejected")
    #expect(retried.status == 0, "\(retried.errors)")
    #expect(retried.output == "\(set): requeued\n")
  }

  @Test func `a list without sets names none, which is nothing to do`() {
    let retried = retryListed("--state held")
    #expect(retried.status == 0 && retried.output.isEmpty, "\(retried.errors)")
  }

  @Test func `both states that are named are listed`() throws {
    try bench.dropFolder("good")
    try bench.dropFolder("bad", control: "{}")
    #expect(bench.run("once").status == 65)
    for states in [["rejected", "archived"], ["archived", "rejected"]] {
      let listed = bench.run("list", "--json", "--state", states[0], "--state", states[1])
      #expect(try Set(bench.json(listed).compactMap { $0["state"]?.text }) == Set(states))
    }
  }

  @Test(arguments: ["show", "wait"])
  func `show and wait read ids as well, and none is nothing to do`(command: String) throws {
    try bench.dropFolder("first")
    try bench.dropFolder("second")
    #expect(bench.run("once").status == 0)
    let script = "\"$1\" --config \"$2\" list --state \"$3\" | \"$1\" --config \"$2\" \(command) -"
    func piped(_ state: String) -> BuiltProgram.Run {
      BuiltProgram.run(
        ["-c", script, "sh", BuiltProgram.path, bench.configuration, state], program: "/bin/sh")
    }
    let both = piped("archived")
    #expect(both.status == 0, "\(both.errors)")
    for set in try bench.ids() { #expect(both.output.contains(set), "\(both.output)") }
    let none = piped("held")
    #expect(none.status == 0 && none.output.isEmpty, "\(none.errors)")
  }
}
