import Glibc
import ImportCore
import ImportRuntime
import ImportService
import ImportSystem

extension CommandOption {
  fileprivate static let setName = CommandOption(
    "name", argument: "TEXT", help: "name of the dropped folder; default: the name of PATH")
  fileprivate static let waitForResult = CommandOption(
    "wait", argument: "TIME", isArgumentOptional: true,
    help: "wait for the result, at most TIME; then exit status 75")
}

extension Subcommand {
  static let drop = Subcommand(
    name: "drop", operands: "SOURCE PATH…", operandCount: 2...10_000,
    summary: "validates an export set and puts a copy into a source's drop directory",
    details: """
      PATH is the set's folder, or control.json and its data files; control.json alone stands
      for itself and the data files next to it. The copy is made under a temporary name,
      validated as 'check' does, completed by SHA256SUMS (and the source's MarkerFile=), and
      renamed into place, so the daemon picks it up at once. PATH is not changed.
      Needs write access to the drop directory, and read access to the configuration; --wait
      also needs access to the daemon, as 'wait' does, and waits without limit unless TIME is
      given. An interrupted drop ends by the signal.
      Exit status: 65 if the set has an error (nothing is dropped), 66 without such a source
      or path, 73 if the drop directory has an entry of that name, 74 if the disk is full, 77
      without write access; with --wait also those of 'wait'.
      """,
    options: [.setName, .waitForResult, .json]
  ) { invocation throws(Failure) in
    let deadline = try deadline(invocation)
    let configuration = try invocation.loadConfiguration()
    let name = invocation.operands[0]
    guard let source = configuration.sources.first(where: { $0.name.text == name }) else {
      throw .notFound(Spelling.noSource(name, among: configuration.sources))
    }
    // The daemon reads and moves the copy as a member of the drop directory's group.
    umask(0o007)
    let interruption = try Interruption()
    let drop = try setDrop(invocation, source, configuration.server.readerLimit, interruption)
    let waiting = invocation.has(.waitForResult) ? try DropWait(invocation, source.name, drop.name) : nil
    let dropped: (set: DroppedSet, warnings: [FileFinding])
    do throws(DropFailure) {
      dropped = try drop.perform()
    } catch {
      if case .interrupted = error { interruption.endProcess() }
      if case .invalid(let findings) = error {
        try StandardOutput.write(findings, asJSON: invocation.has(.json))
      }
      throw Failure(error, source)
    }
    interruption.stop()
    try StandardOutput.write(dropped.warnings, asJSON: invocation.has(.json))
    try print(dropped.set, invocation)
    return try waiting.map { waiting throws(Failure) in try wait(waiting, deadline, invocation) } ?? .done
  }

  private static func setDrop(
    _ invocation: Invocation, _ source: SourceSettings, _ limit: Int64, _ interruption: Interruption
  ) throws(Failure) -> SetDrop {
    do throws(DropFailure) {
      return try SetDrop(
        Array(invocation.operands.dropFirst()), for: source, named: invocation.argument(of: .setName),
        readerLimit: limit, fileSystem: interruption.fileSystem, now: SystemTime().now)
    } catch {
      throw Failure(error, source)
    }
  }

  private static func deadline(_ invocation: Invocation) throws(Failure) -> ContinuousClock.Instant? {
    guard let text = invocation.argument(of: .waitForResult), !text.isEmpty, text != "infinity" else {
      return nil
    }
    guard let span = TimeSpan.parse(text) else {
      throw .usage("--wait needs a time span such as 10min, not '\(text)'", subcommand: "drop")
    }
    return .now + span
  }

  private static func print(_ set: DroppedSet, _ invocation: Invocation) throws(Failure) {
    if invocation.has(.json) { return try StandardOutput.writeJSON(set) }
    let count = set.files.count
    let size = set.files.reduce(0) { $0 + $1.size }
    try StandardOutput.writeLine(
      "\(set.path): dropped, \(count) \(count == 1 ? "file" : "files"), \(size) bytes")
  }

  private static func wait(
    _ waiting: DropWait, _ deadline: ContinuousClock.Instant?, _ invocation: Invocation
  ) throws(Failure) -> ExitStatus {
    var waiting = waiting
    guard let set = try waiting.settled(until: deadline) else {
      StandardError.writeLine("\(Program.name): \(waiting.untilNow)")
      return .later
    }
    return try printSettled(set, invocation)
  }
}

extension Failure {
  /// What `drop` says about a set that was not dropped.
  fileprivate init(_ failure: DropFailure, _ source: SourceSettings) {
    switch failure {
    case .notOneSet(let text): self = .usage(text, subcommand: "drop")
    case .noSuchPath(let path): self = .notFound("there is no '\(path)'")
    case .invalid: self = .wrong("the set has errors, so nothing was dropped. Correct them and drop it again")
    case .unusableName(let name):
      self = .usage("a set named '\(name)' would never be picked up; name it by --name", subcommand: "drop")
    case .nameTaken(let path):
      self = .cannotCreate(
        "'\(path)' is there already, so nothing was dropped. Wait until it is picked up ('haplo-importd explain' says "
          + "why it is not), or choose another name by --name")
    case .noDropDirectory(let path):
      self = .notFound(
        "the drop directory '\(path)' of source \(source.name) is missing; the daemon makes it when it starts"
      )
    case .notPermitted(let error, let owner, let group):
      self = .denied(
        "\(error). The drop directory belongs to user \(owner) and group \(group). Ask root to run "
          + "'adduser USER \(group)', then log in again")
    case .changed(let path):
      self = .unstable(
        "'\(path)' was changed while it was copied, so nothing was dropped. Drop the set again")
    case .interrupted: self = .unstable("interrupted, so nothing was dropped")
    case .system(let error): self = .system(error)
    }
  }
}
