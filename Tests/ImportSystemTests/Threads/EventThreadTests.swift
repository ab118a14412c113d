import Glibc
@testable import ImportSystem
import Synchronization
import Testing

@Suite struct EventThreadTests {
  @Test(arguments: [ENOSYS, EINVAL, EPERM, ENOMEM])
  func `a thread that cannot wait says so once and ends`(code: Int32) async throws {
    let calls = Atomic<Int>(0)
    let thread = Mutex<EventThread?>(nil)
    // Telling it twice would resume twice, which ends the process.
    let error = try await withCheckedThrowingContinuation { continuation in
      do throws(SystemError) {
        let new = try EventThread(name: "test") { _ in
          calls.add(1, ordering: .relaxed)
          errno = code
          return -1
        } whenBroken: {
          continuation.resume(returning: $0)
        }
        thread.withLock { $0 = new }
      } catch {
        continuation.resume(throwing: error)
      }
    }
    #expect(error.errno == code)
    #expect("\(error)".hasPrefix("cannot wait for events (poll of 1): "))
    thread.withLock { $0?.add(0) {} }
    #expect(calls.load(ordering: .relaxed) == 1)
  }

  @Test(arguments: [EINTR, EAGAIN])
  func `a thread that is interrupted waits again`(code: Int32) async throws {
    // It can be read at all times.
    let file = open("/dev/null", O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    let isFirst = Atomic(true)
    let thread = try EventThread(name: "test") { entries in
      guard !isFirst.exchange(false, ordering: .relaxed) else {
        errno = code
        return -1
      }
      return poll(&entries, nfds_t(entries.count), -1)
    } whenBroken: {
      Issue.record("\($0)")
    }
    await withCheckedContinuation { continuation in
      thread.add(file) {
        thread.remove(file)
        continuation.resume()
      }
    }
  }
}
