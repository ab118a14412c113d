import ImportCore
import HaploAPI

/// The way to the server for one life of the daemon.
struct SimulatedTransport: Transport {
  let server: ServerModel
  let life: Int
  let key: String

  func perform(_ request: ServerRequest) async -> Exchange {
    let call = Call()
    let server = server
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        call.continuation = continuation
        if Task.isCancelled { return call.end(.failed("cancelled", sent: .nothing)) }
        server.send(request, call, life: life, key: key)
      }
    } onCancel: {
      // As the engine does: the connection is closed, and what was sent is known.
      call.end(.failed("cancelled", sent: call.sent))
    }
  }

  /// One request under way.
  final class Call: @unchecked Sendable {
    var continuation: CheckedContinuation<Exchange, Never>?
    var sent = BodySent.nothing
    var isOver = false

    func end(_ exchange: Exchange) {
      isOver = true
      let waiting = continuation
      continuation = nil
      waiting?.resume(returning: exchange)
    }
  }
}
