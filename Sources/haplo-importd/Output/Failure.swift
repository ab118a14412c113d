import HaploAPI
import ImportCore
import ImportRuntime
import ImportService
import ImportStorage
import ImportSystem

/// Why a subcommand could not do what was asked. It is printed on standard error once, by ``Program``.
enum Failure: Error {
  /// The command line is wrong; `subcommand` is the one whose help would tell more.
  case usage(String, subcommand: String? = nil)
  case configuration(ConfigurationFailure)
  /// A setting is missing that the command needs.
  case notConfigured(String)
  case apiKey(APIKeyFailure)
  case outcomeKey(OutcomeKeyFailure)
  case system(SystemError)
  case service(ServiceFailure)
  /// The server, asked for once, does not let sets be imported.
  case server(ServerCheck)
  /// The server refuses the outcome key.
  case outcomeRefused(OutcomeRefusal)
  /// The server does not answer, or with a failure.
  case serverUnavailable(String)
  /// What the server's list of batches answered does not let outcomes be read.
  case outcomes(OutcomeCheck)
  /// The daemon's socket is not open to this user.
  case refused(SystemError)
  /// A directory or file of the spool or the state is not open to this user, who could read it as `user`.
  case forbidden(SystemError, command: String)
  /// The daemon is there, but does not answer.
  case daemon(SystemError)
  /// The daemon listens and says nothing for so many seconds. `mayBeDone` if what was asked changes something.
  case silence(SystemError, seconds: Int, unit: String, mayBeDone: Bool)
  /// There is no such set, file or source.
  case notFound(String)
  /// A set or file is wrong.
  case wrong(String)
  /// What was to be made is there already.
  case cannotCreate(String)
  /// This user lacks a right; the text says how to get it.
  case denied(String)
  /// It may work another time.
  case unstable(String)
  /// The daemon or the journal could not tell.
  case report(String)
  /// A bug of ours.
  case bug(String)
}

extension Failure: CustomStringConvertible {
  /// What is printed. Findings about a configuration begin with their file; all else with the program.
  var description: String {
    switch self {
    case .usage(let message, let subcommand):
      "\(Program.name): \(message)\nTry '\(Program.name) help\(subcommand.map { " \($0)" } ?? "")'."
    case .configuration(.invalid(let errors)): errors.description
    case .configuration(let failure): "\(Program.name): \(failure)"
    case .apiKey(let failure): "\(Program.name): \(failure)"
    case .outcomeKey(let failure): "\(Program.name): \(failure)"
    case .system(let error): "\(Program.name): \(error)"
    case .service(let failure): "\(Program.name): \(failure)"
    case .server(let check): "\(Program.name): \(check.line)"
    case .outcomeRefused(let refusal): "\(Program.name): \(refusal.text); \(refusal.remedy)"
    case .serverUnavailable(let text): "\(Program.name): the server's page cannot be read: \(text)"
    case .outcomes(let check): "\(Program.name): \(check.line)"
    case .refused(let error):
      "\(Program.name): \(error). Only root and members of the group haplo-importd-admin may use it. Ask root to run "
        + "'adduser USER haplo-importd-admin', then log in again"
    case .forbidden(let error, let command):
      "\(Program.name): \(error). Run this as root, or as the daemon's user: runuser -u haplo-importd -- "
        + "\(Program.name) \(command). Members of the group haplo-importd-admin may use status, list, show, explain and "
        + "all decisions while the daemon runs"
    case .daemon(let error): "\(Program.name): the daemon does not answer: \(error)"
    case .silence(let error, let seconds, let unit, let mayBeDone):
      "\(Program.name): the daemon does not answer: it has said nothing for \(seconds) s on \(error.object). Look at "
        + "'systemctl status \(unit)' and its log, and restart it if it hangs"
        + (mayBeDone ? ". The request may be done all the same: look before you repeat it" : "")
    case .notConfigured(let text), .notFound(let text), .report(let text), .wrong(let text),
      .cannotCreate(let text), .denied(let text), .unstable(let text):
      "\(Program.name): \(text)"
    case .bug(let text): "\(Program.name): internal error, please report it: \(text)"
    }
  }
}
