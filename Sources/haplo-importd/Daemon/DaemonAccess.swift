import FoundationEssentials
import Glibc
import ImportCore
import ImportRuntime
import ImportService
import ImportSystem

/// Whether the daemon's user can read what root can: a file that root wrote with umask 077 passes every check by root,
/// and then the next start fails.
struct DaemonAccess {
  private static let user = "haplo-importd"
  private static let installed = "/etc/haplo-importd/"

  private let invocation: Invocation

  init(_ invocation: Invocation) { self.invocation = invocation }

  /// Findings about files that the configuration names, as the daemon's user sees them if this is root and the
  /// configuration is the installed one.
  ///
  /// - Throws: The first file of the installed configuration that the daemon's user cannot read.
  func findings(_ configuration: Configuration) throws(Failure) -> [ConfigurationFinding] {
    // A connection is made with this process's own rights.
    let own = { Self.findings(configuration, isDaemon: invocation.has(.online)) }
    guard invocation.configurationPath.hasPrefix(Self.installed) else { return own() }
    do {
      let findings = try SystemUser.acting(as: Self.user) { () throws(ConfigurationFailure) in
        _ = try ConfigurationLoader().load(
          path: invocation.configurationPath, environment: invocation.environment)
        return Self.findings(configuration, isDaemon: true)
      }
      return findings ?? own()
    } catch .unreadable(let error) {
      throw .configuration(.unreadableForDaemon(error, user: Self.user))
    } catch {
      throw .configuration(error)
    }
  }

  /// Mistakes in the files that a configuration names, as far as this user can find them.
  ///
  /// - Parameter isDaemon: True if this process is to be judged as the daemon, whoever owns the spool.
  static func findings(_ configuration: Configuration, isDaemon: Bool = false) -> [ConfigurationFinding] {
    var spool = stat()
    let isOwner = stat(configuration.daemon.spoolDirectory, &spool) == 0 && spool.st_uid == geteuid()
    return ReferencedFiles.findings(configuration, isDaemon: isDaemon || isOwner)
  }
}
