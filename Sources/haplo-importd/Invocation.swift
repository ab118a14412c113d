import FoundationEssentials
import ImportCore
import ImportService

/// What a subcommand was called with.
struct Invocation: Sendable {
  /// The options, those before the subcommand and those behind it.
  private let options: [String: [String]]
  /// What follows the subcommand and is no option.
  let operands: [String]

  /// The subcommand's name, for messages.
  let command: String

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
  func loadConfiguration() throws(Failure) -> Configuration {
    do {
      return try ConfigurationLoader().load(path: configurationPath, environment: environment)
    } catch {
      throw .configuration(error)
    }
  }

  /// Reads the API key that a configuration names.
  func readAPIKey(_ configuration: Configuration) throws(Failure) -> APIKey {
    do {
      return try APIKeyFile(configuration.server, environment: environment).read()
    } catch {
      throw .apiKey(error)
    }
  }
}
