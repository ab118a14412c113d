import Glibc
@testable import ImportService
@testable import ImportStorage
import ImportSystem
import Testing

/// The lock that holds between hosts, and the name of who has it.
@Suite struct StateLockTests {
  private let place = Place()

  private func state() throws -> Directory {
    place.makeFolder(place.state)
    return try FileSystem().openDirectory(place.state, for: "test")
  }

  private func complaint(_ state: Directory) -> String {
    do {
      _ = try StateLock.take(in: state)
      return "taken"
    } catch {
      return error.description
    }
  }

  @Test func `it is had once, says who has it, and is let go with its holder`() throws {
    let state = try state()
    var lock = try StateLock.take(in: state)
    #expect(lock != nil)
    #expect(
      complaint(state).contains("'\(place.state)' is in use by process \(getpid()) on \(HostName.current);"))
    lock = nil
    #expect(complaint(state) == "taken")
  }

  @Test(arguments: ["", "process 7 on a", "process 7 on \u{FF}"])
  func `a name that is not whole is no name`(text: String) throws {
    let state = try state()
    let lock = try StateLock.take(in: state)
    let file = try state.openForWriting(StateLock.name, mode: 0o600, for: "test")
    try file.truncate(to: 0, for: "test")
    try file.write(text.utf8, at: 0, for: "test")
    #expect(complaint(state).contains("in use by another process;"))
    withExtendedLifetime(lock) {}
  }
}
