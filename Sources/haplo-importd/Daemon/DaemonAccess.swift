import ImportRuntime
import ImportCore
import ImportService
import ImportSystem

/// Whether the daemon's user can read what root can: a file that root wrote with umask 077 passes every check by root,
/// and then the next start fails.
struct DaemonAccess {
  private static let user = "haplo-importd"
  private static let installed = "/etc/haplo-importd/"

  private let invocation: Invocation

  init(_ invocation: Invocation) { self.invocation = invocation }

  /// Warnings about files that the configuration names, as the daemon's user sees them if this is root and the
  /// configuration is the installed one.
  ///
  /// - Throws: The first file of the installed configuration that the daemon's user cannot read.
  func warnings(_ configuration: Configuration) throws(Failure) -> [ConfigurationFinding] {
    guard invocation.configurationPath.hasPrefix(Self.installed) else {
      return ReferencedFiles.warnings(configuration)
    }
    do {
      let warnings = try SystemUser.acting(as: Self.user) { () throws(ConfigurationFailure) in
        _ = try ConfigurationLoader().load(
          path: invocation.configurationPath, environment: invocation.environment)
        return ReferencedFiles.warnings(configuration)
      }
      return warnings ?? ReferencedFiles.warnings(configuration)
    } catch .unreadable(let error) {
      throw .configuration(.unreadableForDaemon(error, user: Self.user))
    } catch {
      throw .configuration(error)
    }
  }
}
