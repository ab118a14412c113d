import Glibc
import HaploSimulator
import ImportCore
@testable import ImportRuntime
import ImportSystem
import Synchronization
import Testing

@testable import ImportService

/// A drop directory on a network mount that does not answer.
private final class HangingMount: Sendable {
  private let state = Mutex((isHanging: true, calls: 0))

  var calls: Int { state.withLock { $0.calls } }

  /// A file system on which every call on a path with these words hangs.
  func fileSystem(_ words: String) -> FileSystem {
    FileSystem { [self] operation throws(SystemError) in
      guard operation.object.contains(words), state.withLock({ $0.isHanging }) else { return }
      state.withLock { $0.calls += 1 }
      while state.withLock({ $0.isHanging }) { sched_yield() }
    }
  }

  func answer() { state.withLock { $0.isHanging = false } }
}

@Suite struct HangingMountTests {
  let place = Place()
  let simulator: Simulator
  var service: TestService

  init() throws {
    simulator = try Simulator(apiKey: TestService.key)
    service = TestService(place, simulator)
    service.sources = ["finance": "", "hr": "", "students": ""]
  }

  @Test func `sources whose mounts hang delay neither the start, nor other sources, nor the end`()
    async throws
  {
    let mount = HangingMount()
    defer { mount.answer() }
    SampleSet(name: "one").drop(in: place)
    var parts = service.parts()
    parts.fileSystem = mount.fileSystem("/drop/finance")
    let daemon = Task { [parts] in try await Service(parts, purpose: .daemon, signals: nil).run() }
    #expect(await service.log.tell(.setArchived), "\(service.log.text)")
    #expect(await comesTrue { !service.log.of(.started).isEmpty }, "\(service.log.text)")
    #expect(mount.calls > 0)
    #expect(service.log.of(.workStuck).contains { $0["source"] == "finance" }, "\(service.log.text)")
    daemon.cancel()
    _ = await daemon.result
    #expect(simulator.record.jobs.count == 1)
  }
}
