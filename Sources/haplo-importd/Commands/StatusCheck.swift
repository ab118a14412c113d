import ImportCore
import ImportRuntime
import ImportService
import ImportSystem

extension MonitoringCheck {
  /// How many seconds the daemon may take: monitoring systems end their plugins after ten or more.
  private static let patience = 8

  /// Asks the daemon or, while it is down, the journal. What goes wrong is a state as well.
  init(asking invocation: Invocation) {
    do throws(Failure) {
      let answer = try StatusAnswer(try DaemonQuery(invocation), patience: Self.patience)
      self.init(answer.report, now: SystemTime().now)
    } catch {
      let text = "\(error)".split(separator: "\n").first.map(String.init) ?? ""
      let prefix = "\(Program.name): "
      self.init(Self.state(error), text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text)
    }
  }

  private static func state(_ failure: Failure) -> State {
    switch failure {
    // It hangs, or its journal cannot be read while it is down.
    case .daemon, .silence, .report, .service: .critical
    // It is down, for it was not found by what can be read of the files.
    case .configuration(.invalid): .critical
    default: .unknown
    }
  }
}
