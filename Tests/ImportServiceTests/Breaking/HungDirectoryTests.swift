import Glibc
import HaploSimulator
import ImportRuntime
import ImportService
import ImportSystem
import Synchronization
import Testing

/// A drop directory on a mount that does not answer any more.
@Suite(.timeLimit(.minutes(3))) struct HungDirectoryTests {
  /// A gate that holds up whoever comes to it until it is opened.
  private final class Gate: Sendable {
    private let pipe: (read: Int32, write: Int32)

    init() {
      var ends = [Int32](repeating: 0, count: 2)
      Glibc.pipe(&ends)
      pipe = (ends[0], ends[1])
    }

    func wait() {
      var byte: UInt8 = 0
      _ = read(pipe.read, &byte, 1)
    }

    /// From now on whoever comes reads the end of the pipe.
    func open() { close(pipe.write) }
  }

  @Test func `the sets of other sources are delivered, and the service can be ended`() async throws {
    let place = Place()
    let simulator = try Simulator(apiKey: TestService.key)
    var service = TestService(place, simulator)
    service.sources = ["hr": "", "finance": ""]
    let gate = Gate()
    defer { gate.open() }
    var parts = service.parts()
    parts.fileSystem = FileSystem { [dead = place.drop("finance")] operation throws(SystemError) in
      if operation.object == dead { gate.wait() }
    }
    let daemon = Task { [parts] in try await Service(parts, purpose: .daemon, signals: nil).run() }
    for number in 1...3 { SampleSet(name: "set\(number)").drop(in: place) }
    #expect(await service.log.tell(.setArchived, times: 3), "\(service.log.text)")
    daemon.cancel()
    _ = try await daemon.value
  }
}
