import ImportSystem

/// Answers the administration commands over a socket in the runtime directory: one request per connection, as one line of
/// JSON, answered by one line of JSON. Callers are served side by side, so that a slow one delays nobody. A caller that
/// sends no whole request in time, sends too much, or does not read its answer is hung up on.
///
/// Domains: the event thread accepts; each connection is read and written by a worker of this socket's own.
final class ControlSocket: Sendable {
  /// Its name in the runtime directory.
  static let name = "control"
  private static let largestRequest = 256 << 10
  /// How many callers are served at a time, and how many more may wait.
  private static let callerLimit = 32
  private static let waitingLimit = 256
  /// How many of them may be sending or receiving: a thread each.
  private static let threads = 8
  private static let requestLimit = Duration.seconds(5)
  private static let answerLimit = Duration.seconds(10)

  private let socket: LocalSocket
  private let events: EventThread
  private let workers: WorkerPool
  private let callers: AsyncStream<LocalSocket>
  private let newCaller: AsyncStream<LocalSocket>.Continuation
  private let answer: @Sendable ([UInt8], _ person: String) async -> [UInt8]

  /// Listens in `directory`, which is made if it is missing.
  init(
    in directory: String, _ fileSystem: FileSystem, events: EventThread,
    answer: @escaping @Sendable ([UInt8], _ person: String) async -> [UInt8]
  ) throws(SystemError) {
    let place = try fileSystem.openOrMakeDirectory(directory, mode: 0o755, for: "runtime")
    socket = try LocalSocket.listen(at: place.path(of: Self.name), mode: 0o660)
    workers = try WorkerPool(name: "haplo-control", threads: Self.threads)
    self.events = events
    self.answer = answer
    (callers, newCaller) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.waitingLimit))
  }

  /// Answers until the task is cancelled, and then removes the socket.
  func run() async {
    events.add(socket.descriptor) { [socket, newCaller] in
      while let caller = socket.accept() { newCaller.yield(caller) }
    }
    await withTaskGroup(of: Void.self) { group in
      var served = 0
      for await caller in callers {
        if served == Self.callerLimit { await group.next() } else { served += 1 }
        group.addTask { await self.serve(caller) }
      }
    }
    events.remove(socket.descriptor)
    socket.removePath()
  }

  private func serve(_ caller: LocalSocket) async {
    let request = await withTaskCancellationHandler {
      await workers.run { caller.readLine(atMost: Self.largestRequest, until: .now + Self.requestLimit) }
    } onCancel: {
      caller.hangUp()
    }
    guard let request else { return }
    let person = caller.peerUser.map(SystemUser.name(of:)) ?? "somebody"
    let lines = await answer(request, person)
    await workers.run { try? caller.write(lines, until: .now + Self.answerLimit) }
  }
}
