import HaploAPI

/// The way to the jobs pages for one life of the daemon.
struct SimulatedPages: PageTransport {
  let model: PageModel
  let life: Int
  let key: String

  func get(
    _ path: String, cookie: String?, _ receive: @escaping @Sendable (UnsafeRawBufferPointer) -> Bool
  ) async -> PageReply {
    let call = Call(receive)
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        call.continuation = continuation
        if Task.isCancelled { return call.end(.failed("cancelled")) }
        model.send(call, path, cookie: cookie, life: life, key: key)
      }
    } onCancel: {
      call.end(.failed("cancelled"))
    }
  }

  /// One request under way.
  final class Call: @unchecked Sendable {
    var continuation: CheckedContinuation<PageReply, Never>?
    var isOver = false
    var onEnd: () -> Void = {}
    private let take: @Sendable (UnsafeRawBufferPointer) -> Bool

    init(_ take: @escaping @Sendable (UnsafeRawBufferPointer) -> Bool) { self.take = take }

    func end(_ reply: PageReply) {
      guard !isOver else { return }
      isOver = true
      onEnd()
      let waiting = continuation
      continuation = nil
      waiting?.resume(returning: reply)
    }

    /// Hands out the body piece by piece, as it arrives, until no more is wanted.
    func receive(_ answer: PageModel.Answer, _ seed: Random) {
      guard !isOver else { return }
      var random = seed
      var rest = Array(answer.status == 200 ? answer.body.utf8 : "".utf8)[...]
      var isWanted = true
      while isWanted, !rest.isEmpty {
        let piece = rest.prefix(random.between(1, 2000))
        rest = rest.dropFirst(piece.count)
        isWanted = piece.withUnsafeBytes { take($0) }
      }
      end(
        PageReply(
          status: answer.status, mediaType: answer.mediaType, isComplete: answer.isComplete && isWanted,
          cookies: answer.cookies))
    }
  }
}

extension PageReply {
  static func failed(_ text: String) -> PageReply { PageReply(status: nil, isComplete: false, failure: text) }
}
