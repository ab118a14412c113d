import ImportSystem

/// Answers other programs of this machine (the administration commands) over a socket in the runtime directory: one
/// request a connection, as one line of JSON, answered by lines of JSON. A caller that says nothing, too much or
/// nonsense is hung up on, and holds nobody up.
///
/// Domains: the event thread accepts; each connection is read and written by a worker of this socket's own.
final class ControlSocket: Sendable {
  /// Its name in the runtime directory.
  static let name = "control"
  private static let largestRequest = 64 << 10

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
    workers = try WorkerPool(name: "haplo-control", threads: 1)
    self.events = events
    self.answer = answer
    (callers, newCaller) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(64))
  }

  /// Answers until the task is cancelled, and then removes the socket.
  func run() async {
    events.add(socket.descriptor) { [socket, newCaller] in
      while let caller = socket.accept(patience: 5) { newCaller.yield(caller) }
    }
    for await caller in callers { await serve(caller) }
    events.remove(socket.descriptor)
    SystemPaths.remove(socket.path)
  }

  private func serve(_ caller: LocalSocket) async {
    let request = await workers.run { caller.readLine(atMost: Self.largestRequest) }
    guard let request else { return }
    let person = caller.peerUser.map(SystemUser.name(of:)) ?? "somebody"
    let lines = await answer(request, person)
    await workers.run { try? caller.write(lines) }
  }
}
