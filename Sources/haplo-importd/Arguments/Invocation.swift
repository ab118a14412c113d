import FoundationEssentials
import Glibc
import ImportCore
import ImportRuntime
import ImportService
import ImportSystem

/// What a subcommand was called with.
struct Invocation: Sendable {
  /// The options, those before the subcommand and those behind it.
  private let options: [String: [String]]
  /// What follows the subcommand and is no option.
  let operands: [String]

  /// The subcommand's name, for messages.
  let command: String
  /// The facts found out as root, before this process became the spool's owner.
  var root: RootStart?

  init(_ command: String, options: [String: [String]], operands: [String]) {
    self.command = command
    self.options = options
    self.operands = operands
  }

  /// True if the option was given.
  func has(_ option: CommandOption) -> Bool { options[option.name] != nil }

  /// The option's argument, the last one if it was given several times; nil if it was not.
  func argument(of option: CommandOption) -> String? { options[option.name]?.last }

  /// All arguments of an option that may be repeated.
  func arguments(of option: CommandOption) -> [String] { options[option.name] ?? [] }

  /// The configuration's path.
  var configurationPath: String {
    argument(of: .config) ?? ConfigurationLoader.path(ofInstance: argument(of: .instance))
  }

  /// What systemd says in the environment.
  var environment: ConfigurationEnvironment {
    ConfigurationEnvironment(variables: ProcessInfo.processInfo.environment)
  }

  /// Loads the configuration; every error in it is in the failure.
  ///
  /// - Parameter isForService: True if this process is to work with it.
  func loadConfiguration(isForService: Bool = false) throws(Failure) -> Configuration {
    if let root { return root.configuration }
    do {
      return try ConfigurationLoader().load(
        path: configurationPath, environment: environment, isForService: isForService)
    } catch {
      throw .configuration(error)
    }
  }

  /// Loads configuration and keys for a process that is to work with them.
  func loadForService() throws(Failure) -> LoadedConfiguration {
    let configuration = try loadConfiguration(isForService: true)
    let key = try readAPIKey(configuration)
    var loaded = LoadedConfiguration(configuration: configuration, key: key)
    do throws(OutcomeKeyFailure) {
      loaded.outcomeKey = try OutcomeKey.read(
        configuration.server, apiKey: key, user: configuration.daemon.serviceUser, environment: environment)
    } catch {
      loaded.outcomeKeyFailure = error
    }
    loaded.keyOrigin = CredentialOrigin(
      configuration, environment: environment, configurationPath: configurationPath)
    loaded.outcomeKeyOrigin = CredentialOrigin(
      outcomeKeyOf: configuration, environment: environment, configurationPath: configurationPath)
    return loaded
  }

  /// Reads the API key that a configuration names.
  func readAPIKey(_ configuration: Configuration) throws(Failure) -> APIKey {
    do {
      return try APIKeyFile(
        configuration.server, user: configuration.daemon.serviceUser, environment: environment
      ).read()
    } catch {
      throw .apiKey(error)
    }
  }

  /// Reads the outcome key that a configuration names; nil if it names none.
  func readOutcomeKey(_ configuration: Configuration, apiKey: APIKey?) throws(Failure) -> APIKey? {
    do {
      return try OutcomeKey.read(
        configuration.server, apiKey: apiKey, user: configuration.daemon.serviceUser, environment: environment
      )
    } catch {
      throw .outcomeKey(error)
    }
  }

  /// Reads the outcome key for a command: the one that the configuration names, or else the file beside it, which the
  /// service gets as a credential of systemd; nil if there is none.
  func readOutcomeKeyOfService(_ configuration: Configuration, apiKey: APIKey? = nil) throws(Failure)
    -> APIKey?
  {
    var server = configuration.server
    if server.outcomeKeyFile == nil, environment.credentialsDirectory == nil {
      let path = "\(ServiceUnit(configuration).configurationDirectory)/\(OutcomeKey.credential)"
      if access(path, F_OK) == 0 { server.outcomeKeyFile = path }
    }
    do {
      return try OutcomeKey.read(
        server, apiKey: apiKey, user: configuration.daemon.serviceUser, environment: environment)
    } catch {
      throw .outcomeKey(error)
    }
  }

  /// False if the configuration on disk certainly has no outcome key, neither of its own nor as the service's credential. One
  /// with an error does not tell.
  func mayReadOutcomes() -> Bool {
    guard let configuration = try? loadConfiguration() else { return true }
    let path = "\(ServiceUnit(configuration).configurationDirectory)/\(OutcomeKey.credential)"
    return configuration.server.outcomeKeyFile != nil || access(path, F_OK) == 0
  }
}

/// The arguments of the process.
enum CommandArguments {
  /// The arguments as text. Where one is not UTF-8, each of its path's names that is not is written as the daemon writes the
  /// names of such files, so that `explain` finds the file.
  static var readable: [String] {
    (0..<Int(CommandLine.argc)).compactMap { CommandLine.unsafeArgv[$0] }.map { argument in
      let bytes = UnsafeRawBufferPointer(start: argument, count: strlen(argument))
      return text(Array(bytes))
    }
  }

  /// One argument as text.
  static func text(_ bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    return bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { EntryName(bytes: $0).description }.joined(separator: "/")
  }
}

/// The facts that a command of root found out before it became the owner of the spool, who may not read all that root can.
struct RootStart: Sendable {
  /// The caller's name, for the journal.
  let person: String
  let configuration: Configuration
  /// The configuration with its keys; nil for a command that needs none.
  let loaded: LoadedConfiguration?
}
