import Glibc
import Synchronization

/// Runs a Haplo server's batch import API on loopback, as it really behaves (docs/server.md), with faults on demand.
///
/// It listens when `init` returns and until `stop()`, or the end of its life. All of it may be used from any
/// thread. What a client has an answer to is in `record`.
public final class Simulator: Sendable {
  /// The port it listens on.
  public let port: UInt16
  /// `http://127.0.0.1:PORT`, or, with TLS, `https://localhost:PORT`.
  public let url: String

  private let core: Core
  private let server: HTTPServer
  private let threads: Mutex<[pthread_t]>

  public init(_ options: SimulatorOptions) throws(SimulatorError) {
    core = try Core(options)
    server = try HTTPServer(core: core)
    port = server.port
    url = options.tls == nil ? "http://127.0.0.1:\(port)" : "https://localhost:\(port)"
    threads = Mutex([
      Self.startThread(core) {
        Unmanaged<Core>.fromOpaque($0!).takeRetainedValue().watchSilence()
        return nil
      },
      Self.startThread(core) {
        Unmanaged<Core>.fromOpaque($0!).takeRetainedValue().runJobTimer()
        return nil
      },
    ])
  }

  deinit { stop() }

  /// Begins to listen on a free port, by plain HTTP.
  public convenience init(apiKey: String) throws(SimulatorError) {
    try self.init(SimulatorOptions(apiKey: apiKey))
  }

  /// Cuts every connection, ends every wait, and returns when no thread is left; what was scheduled stays in
  /// `record`. Calling it again does nothing.
  public func stop() {
    core.latch.trip()
    server.stop()
    let running = threads.withLock { threads in
      defer { threads = [] }
      return threads
    }
    for thread in running { pthread_join(thread, nil) }
  }

  /// What has happened so far.
  public var record: SimulatorRecord { core.record }

  /// Waits until the record fulfils a condition. Returns false when `limit` was over, or the task cancelled, before.
  public func wait(
    atMost limit: Duration = .seconds(10), until condition: @escaping @Sendable (SimulatorRecord) -> Bool
  ) async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
      group.addTask { [core] in await core.wait(until: condition) }
      group.addTask {
        try? await Task.sleep(for: limit)
        return false
      }
      let result = await group.next() ?? false
      group.cancelAll()
      return result
    }
  }

  /// Adds a fault; it counts requests from now.
  public func add(_ fault: Fault) { core.update { $0.faults.add(fault) } }

  /// Adds a fault as it is written on the command line.
  public func add(_ text: String) throws(FaultSyntaxError) { add(try Fault(text)) }

  /// Removes every fault. What they changed at the server (a revoked key, forgotten batches, the results of jobs that
  /// are scheduled already) stays.
  public func clearFaults() { core.update { $0.faults.clear() } }

  /// Refuses every key for the API from now on.
  public func revokeKey() { core.update { $0.door.revoke(.api) } }

  /// Accepts a key for the API from now on, beside those it accepts already, and unblocks its user.
  public func acceptKey(_ key: String) { core.update { $0.door.accept(key, for: .api) } }

  /// Refuses every key for the pages from now on.
  public func revokeOutcomeKey() { core.update { $0.door.revoke(.pages) } }

  /// Accepts a key for the pages from now on, beside those it accepts already, and unblocks its user.
  public func acceptOutcomeKey(_ key: String) { core.update { $0.door.accept(key, for: .pages) } }

  /// Forgets all failed keys, so that no address is throttled.
  public func liftThrottle() { core.update { $0.door.reopen() } }

  /// Forgets every batch, as a server that was restored from a backup; the record keeps them.
  public func forgetBatches() { core.update { $0.forgetBatches() } }

  /// Forgets every control file.
  public func forgetControls() { core.update { $0.forgetControls() } }

  /// Makes a batch by hand, as an administrator does on the server's own pages: its state is `ready`.
  /// - Returns: its database number.
  @discardableResult
  public func makeBatch(comment: String) -> Int { core.update { $0.makeBatch(comment: comment) } }

  /// Restarts the server: a job that was running stays `running` for ever, later ones run, and sessions are gone.
  public func restart() {
    let now = core.options.clock()
    core.update { $0.restart(now: now) }
  }

  /// Copies the server's database: batches with their states, and the queue of jobs.
  public func backUp() -> ServerBackup { core.update { $0.backUp() } }

  /// Puts a backup in the place of the database and restarts the server.
  public func restore(_ backup: ServerBackup) {
    let now = core.options.clock()
    core.update { $0.restore(backup, now: now) }
  }

  private static func startThread(
    _ core: Core, _ body: @escaping @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?
  ) -> pthread_t {
    var thread = pthread_t()
    let failed = pthread_create(&thread, nil, body, Unmanaged.passRetained(core).toOpaque())
    precondition(failed == 0, "no thread can be had")
    return thread
  }
}

extension Core {
  fileprivate func watchSilence() { silence.run() }
}
