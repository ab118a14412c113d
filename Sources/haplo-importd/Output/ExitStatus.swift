import HaploAPI
import ImportRuntime
import ImportService
import ImportStorage
import ImportSystem

/// The exit statuses of the process (sysexits.h), as haplo-importd(8) lists them.
enum ExitStatus: Int32, Sendable, CaseIterable {
  case done = 0
  /// The command line is wrong.
  case usage = 64
  /// A set or file is wrong.
  case wrongData = 65
  /// No such set, file or source.
  case notFound = 66
  /// The server or the daemon cannot be reached.
  case unavailable = 69
  /// A bug of ours.
  case bug = 70
  /// State cannot be created.
  case cannotCreate = 73
  case inputOutput = 74
  /// Not now; it will be tried again.
  case later = 75
  /// A permission is missing, or the API key is not good.
  case permission = 77
  /// The configuration is wrong.
  case configuration = 78
  /// Only of `status --check`, whose 0 is OK.
  case checkWarning = 1
  case checkCritical = 2
  case checkUnknown = 3

  /// Those that every command can have the same meaning of.
  static let general = allCases.filter { $0.rawValue == 0 || $0.rawValue >= 64 }
}

extension ExitStatus {
  /// What it means, for the help and the manual.
  var meaning: String {
    switch self {
    case .done: "done"
    case .usage: "usage"
    case .wrongData: "a set or file is wrong"
    case .notFound: "no such set, file or source"
    case .unavailable: "server or daemon not reachable"
    case .bug: "internal error"
    case .cannotCreate: "cannot create state"
    case .inputOutput: "I/O error"
    case .later: "temporary failure; will be retried"
    case .permission: "permission or API key"
    case .configuration: "configuration"
    case .checkWarning: "warning"
    case .checkCritical: "critical"
    case .checkUnknown: "unknown"
    }
  }

  /// The one place where a failure becomes an exit status.
  init(_ failure: Failure) {
    switch failure {
    case .usage: self = .usage
    case .configuration(.invalid), .notConfigured: self = .configuration
    case .configuration(.unreadable(let error)): self = error.isPermission ? .permission : .configuration
    case .configuration(.unreadableForDaemon): self = .permission
    case .apiKey, .outcomeKey: self = .permission
    case .service(let failure): self.init(failure)
    case .server(let check): self.init(check.outcome)
    case .outcomes(let check): self.init(check.outcome)
    case .daemon, .silence, .serverUnavailable: self = .unavailable
    case .refused, .forbidden, .denied, .outcomeRefused: self = .permission
    case .cannotCreate: self = .cannotCreate
    case .unstable: self = .later
    case .notFound: self = .notFound
    case .wrong: self = .wrongData
    case .report: self = .inputOutput
    case .bug: self = .bug
    case .system(let error): self = error.isPermission ? .permission : .inputOutput
    }
  }

  /// What `status --check` ends with.
  init(_ state: MonitoringCheck.State) {
    switch state {
    case .okay: self = .done
    case .warning: self = .checkWarning
    case .critical: self = .checkCritical
    case .unknown: self = .checkUnknown
    }
  }

  /// What `config --online` ends with, and `once` where the server is left alone.
  init(_ outcome: ServerCheck.Outcome) {
    switch outcome {
    case .works: self = .done
    case .keyRefused, .throttled, .notPermitted: self = .permission
    case .wrongAddress: self = .configuration
    case .failing, .unreachable: self = .unavailable
    }
  }

  /// What `config --online` ends with because of the jobs pages.
  init(_ result: OutcomeCheck.Result) {
    switch result {
    case .works: self = .done
    case .keyRefused: self = .permission
    case .unexpected: self = .configuration
    case .unreachable: self = .unavailable
    }
  }

  private init(_ failure: ServiceFailure) {
    switch failure {
    case .busy, .inUse: self = .later
    case .cannotCreate: self = .cannotCreate
    case .journal(.contradiction): self = .bug
    case .journal(.unavailable): self = .cannotCreate
    case .journal: self = .inputOutput
    case .configuration: self = .configuration
    }
  }
}
