import Glibc
import ImportCore
import ImportRuntime
import ImportService
import ImportSystem

extension Program {
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
      let configuration =
        if let loaded { loaded.configuration } else { try invocation.loadConfiguration() }
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
