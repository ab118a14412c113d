import ImportCore
import ImportRuntime
import ImportStorage
import ImportSystem

/// Does what follows from decisions on the disk while no daemon runs, by the couriers that the daemon has: folders are moved
/// and deleted at once, and whatever needs the server is left for the next start.
actor OfflineCouriers {
  private let journal: Journal
  private let tools: CourierTools
  private let ending = Ending()
  private var lines: [SourceName: DeliveryLine] = [:]
  /// Sets whose folder cannot be moved or deleted now, and why.
  private(set) var unfinished: [SetID: SystemError] = [:]
  /// True if a set has work left for the daemon.
  private(set) var hasLeftWork = false

  init(
    _ configuration: Configuration, _ core: ServiceCore, _ journal: Journal, workers: WorkerPool,
    time: any Time, log: any Log
  ) {
    self.journal = journal
    tools = CourierTools(
      recorder: SetRecorder(journal: journal, log: log, spool: core.spool),
      settings: CurrentSettings(configuration), time: time,
      blocking: BlockingWork(workers: workers, heartbeat: Heartbeat(time: time)),
      local: LocalWork(journal: journal, log: log, time: time, isPatient: false),
      notices: NoticeBoard(core.state, log: log))
  }

  /// Moves every folder that an earlier decision or a crash left to be moved, as the daemon's start does.
  func settleAll() async throws {
    let left = journal.deliveries { delivery in
      switch delivery.stage {
      case .rejected(_, filed: false), .held(_, filed: false), .returning, .discarding: true
      default: false
      }
    }
    for delivery in left { _ = try await settle(delivery.set) }
    hasLeftWork = false  // by the decisions that follow
  }

  /// Does what follows for one set; what the disk refuses is in ``unfinished``.
  func settle(_ set: SetID) async throws {
    do {
      if try await line(of: set.source).courier(set).settle() != nil {
        hasLeftWork = true
      }
      unfinished[set] = nil
    } catch let failure as UnfinishedWork {
      unfinished[set] = failure.error
      hasLeftWork = true
    }
  }

  private func line(of source: SourceName) -> DeliveryLine {
    if let line = lines[source] { return line }
    let line = DeliveryLine(source: source, tools: tools, ending: ending)
    lines[source] = line
    return line
  }
}
