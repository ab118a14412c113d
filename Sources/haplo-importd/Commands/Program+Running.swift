import Glibc
import ImportCore
import ImportRuntime
import ImportService
import ImportSystem

/// From arguments to an exit status.
extension Program {
  /// True for the subcommands that read signals from a descriptor, which works only if no thread takes them first.
  static func readsSignals(_ arguments: [String]) -> Bool {
    let before = try? ParsedArguments(
      Array(arguments.dropFirst()), CommandOption.common + [.version], stopping: true)
    let names = [Subcommand.run, .once, .drop].map(\.name)
    return before?.operands.first.map { names.contains($0) } ?? false
  }

  /// True if a page may be watched, whose terminal is to be put back whatever signal comes. The option may be shortened.
  static func watches(_ arguments: [String]) -> Bool {
    arguments.contains(Subcommand.status.name) && arguments.contains { $0.hasPrefix("--w") }
  }

  /// Runs the subcommand that the arguments name; the first of them is the program's own name.
  static func run(_ arguments: [String], _ root: RootStart?) async -> ExitStatus {
    do throws(Failure) {
      switch try request(arguments) {
      case .print(let text):
        try StandardOutput.writeLine(text)
        return .done
      case .usage:
        StandardError.writeLine(Help.overall)
        return .usage
      case .call(let subcommand, var invocation):
        invocation.root = root
        return try await subcommand.run(invocation)
      }
    } catch {
      // A service whose standard error nobody reads must end all the same.
      StandardError.writeLine(PrintableText.escapingLines(error.description), within: 2000)
      return ExitStatus(error)
    }
  }

  /// What the command line asks for.
  enum Request {
    /// Help.
    case print(String)
    /// No subcommand is named.
    case usage
    case call(Subcommand, Invocation)
  }

  static func request(_ arguments: [String]) throws(Failure) -> Request {
    let before = try ParsedArguments(
      Array(arguments.dropFirst()), CommandOption.common + [.version], stopping: true)
    let wantsVersion = before.options[CommandOption.version.name] != nil
    let wantsHelp = before.options[CommandOption.helpOption.name] != nil
    guard let word = before.operands.first else {
      if wantsHelp { return .print(Help.overall) }
      guard wantsVersion else { return .usage }
      return .call(.version, Invocation(Subcommand.version.name, options: [:], operands: []))
    }
    let subcommand = try find(word)
    let after = try ParsedArguments(
      Array(before.operands.dropFirst()), CommandOption.common + subcommand.options, stopping: false,
      subcommand: subcommand.name)
    if wantsHelp || after.options[CommandOption.helpOption.name] != nil {
      return .print(Help.of(subcommand))
    }
    try checkOperands(after.operands, of: subcommand)
    let options = before.options.merging(after.options) { $0 + $1 }
    try check(options[CommandOption.instance.name], options[CommandOption.config.name])
    return .call(subcommand, Invocation(subcommand.name, options: options, operands: after.operands))
  }

  /// The subcommand of a name; the failure names the one that was probably meant.
  static func find(_ word: String) throws(Failure) -> Subcommand {
    if let subcommand = Subcommand.all.first(where: { $0.name == word }) { return subcommand }
    throw .usage("unknown subcommand '\(word)'\(Spelling.hint(for: word, among: Subcommand.all.map(\.name)))")
  }

  /// An instance is named by what stands between directories, so it must not lead elsewhere.
  private static func check(_ instances: [String]?, _ files: [String]?) throws(Failure) {
    guard let instance = instances?.last else { return }
    guard files == nil else { throw .usage("--config and --instance exclude each other") }
    guard SourceName(instance) != nil else { throw .usage("'\(instance)' cannot be the name of an instance") }
  }

  private static func checkOperands(_ operands: [String], of subcommand: Subcommand) throws(Failure) {
    if operands.count > subcommand.operandCount.upperBound {
      let extra = operands[subcommand.operandCount.upperBound]
      throw .usage("'\(subcommand.name)' does not take '\(extra)'", subcommand: subcommand.name)
    }
    if operands.count < subcommand.operandCount.lowerBound {
      throw .usage("'\(subcommand.name)' needs \(subcommand.operands)", subcommand: subcommand.name)
    }
  }

  /// Commands that move and delete other users' files while no daemon runs. A running one is asked by root.
  private static let decisions = [Subcommand.retry, .approve, .reject, .discard, .prune].map(\.name)

  /// Becomes the spool's owner, for `once` and for decisions while no daemon runs. To be called before the first thread is
  /// started: only the calling thread and those that it starts keep CAP_FOWNER and CAP_LEASE, which the service has. Blocks on
  /// the disk.
  ///
  /// - Returns: Nil for every other command, for any other user, if the spool is root's, and after a failure, which the
  ///   command meets again and reports.
  static func startAsRoot(_ arguments: [String]) -> RootStart? {
    guard geteuid() == 0, case .call(let subcommand, let invocation)? = try? request(arguments) else {
      return nil
    }
    let isOnce = subcommand.name == Subcommand.once.name
    guard isOnce || decisions.contains(subcommand.name) else { return nil }
    let person = SystemUser.current
    do throws(Failure) {
      let loaded = isOnce ? try invocation.loadForService() : nil
      let configuration = if let loaded { loaded.configuration } else { try invocation.loadConfiguration() }
      guard configuration.daemon.serviceUser != 0 else { return nil }
      let client = ControlClient(runtimeDirectory: configuration.daemon.runtimeDirectory)
      guard isOnce || client.isDaemonDown else { return nil }
      try configuration.daemon.assumeOwner()
      return RootStart(person: person, configuration: configuration, loaded: loaded)
    } catch {
      return nil
    }
  }
}
