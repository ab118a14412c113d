import FoundationEssentials
import HaploAPI
import ImportCore
import ImportRuntime
import ImportService
import ImportStorage
import ImportSystem
import Synchronization

extension Subcommand {
  static let run = Subcommand(
    name: "run", summary: "watches the drop directories and imports complete sets (run by the service)",
    details: """
      Stays in the foreground. SIGHUP reloads the configuration. SIGTERM and SIGINT end the
      daemon: uploads are aborted, a schedule call gets up to 15 s; a second signal ends it
      at once. The log goes to the journal under systemd, otherwise to standard error.
      """
  ) { invocation throws(Failure) in
    _ = try await serve(.daemon, invocation)
    return .done
  }

  static let once = Subcommand(
    name: "once", summary: "processes all complete sets once, then exits",
    details: """
      For cron, timers and CI. Waits for QuietSec= to elapse; incomplete sets stay in the drop
      directory. Exit status, the first that applies: 70 internal error, 73 a directory or the
      journal cannot be created, 74 I/O error, 78 the configuration is invalid or there is no
      batch import API at the server's address, 77 the server refuses the key, 65 a set was
      rejected, 75 a set was deferred or nothing could be claimed, 0 everything is done.
      """
  ) { invocation throws(Failure) in
    try await serve(.once, invocation).exitStatus
  }

  private static func serve(
    _ purpose: Service.Purpose, _ invocation: Invocation
  ) async throws(Failure) -> ServiceSummary {
    let log = QueuedLog(
      SystemLog.make(environment: ProcessInfo.processInfo.environment, isDaemon: purpose == .daemon))
    defer { log.finish() }
    do {
      let signals = try SignalInbox()
      let atStart = Mutex(invocation.root?.loaded)
      let parts = ServiceParts(
        load: { () throws(Failure) in
          if let loaded = atStart.withLock({ $0.take() }) { return loaded }
          let loaded = try invocation.loadForService()
          if purpose == .once { try loaded.configuration.daemon.assumeOwner() }
          return loaded
        }, log: log)
      return try await Service(parts, purpose: purpose, signals: signals).run()
    } catch let failure as Failure {
      throw failure
    } catch let failure as ServiceFailure {
      throw .service(failure)
    } catch let failure as ConfigurationFailure {
      throw .configuration(failure)
    } catch let failure as JournalFailure {
      throw .service(.journal(failure))
    } catch let error as SystemError {
      throw .system(error)
    } catch {
      throw .bug("\(error)")
    }
  }
}

extension ServiceSummary {
  /// What `once` ends with.
  fileprivate var exitStatus: ExitStatus {
    if hasFailedDisk { return .inputOutput }
    if let stop { return ExitStatus(ServerCheck.Outcome(stop)) }
    if rejected > 0 { return .wrongData }
    return deferred > 0 || isBlocked || obstructed > 0 || hasMetLimit ? .later : .done
  }
}

extension DaemonSettings {
  /// Lets a command of root act as the spool's owner, so that the daemon can work with what the command makes.
  func assumeOwner() throws(Failure) {
    do throws(SystemError) {
      try ServiceUser.assumeOwner(of: spoolDirectory, making: [stateDirectory, runtimeDirectory])
    } catch {
      throw .system(error)
    }
  }
}
