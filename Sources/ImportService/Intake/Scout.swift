import ImportCore
import ImportSystem

/// Knows how to begin the look at a name as soon as the kernel tells of it, while the intake's task is being woken, which then
/// finds it under way. It looks just as the intake would, which sleeps meanwhile and changes nothing. It is sent only where no
/// folder waits, of which there would be more to know. ``Hints`` keeps it until the intake takes what was noticed.
struct Scout: Sendable {
  /// A look that was begun.
  struct Begun: Sendable {
    let name: EntryName
    fileprivate let look: NameLook
    private let outcome = Eventual<Result<NameLook.Found, SystemError>>()

    /// What it found; waits for its end.
    func result() async throws(SystemError) -> NameLook.Found { try await outcome.value.get() }

    /// Looks. Blocks.
    fileprivate func run() {
      do throws(SystemError) {
        let found = try look.run([name])
        outcome.settle(.success(found))
        look.prepare(found)
      } catch {
        outcome.settle(.failure(error))
      }
    }

    fileprivate init(_ name: EntryName, _ look: NameLook) {
      self.name = name
      self.look = look
    }
  }

  let look: NameLook
  /// The watches of the drop directory.
  let watches: [Inotify.Watch]
  let workers: WorkerPool

  /// The look that these events call for, which is still to be started; nil if they do not.
  func look(for events: [InotifyEvent]) -> Begun? {
    guard events.count == 1, case .changed(let watch, let name)? = events.first, watches.contains(watch)
    else { return nil }
    return Begun(name, look)
  }

  /// Has a worker look.
  func start(_ begun: Begun) { workers.start { begun.run() } }
}
