import Synchronization

/// Keeps what happens until a test asks for it, with a deadline, so that a test fails instead of waiting for ever.
final class Mailbox<Message: Sendable>: Sendable {
  private struct State {
    var messages: [Message] = []
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  func put(_ message: Message) {
    let waiter = state.withLock { state in
      state.messages.append(message)
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume()
  }

  /// What has come and was not asked for yet.
  var waiting: [Message] { state.withLock { $0.messages } }

  /// The next message, or the next for which `isWanted` holds, the others being left out; nil when none comes within
  /// `deadline`.
  func next(
    within deadline: Duration = .seconds(120),
    where isWanted: @escaping @Sendable (Message) -> Bool = { _ in true }
  ) async -> Message? {
    await withTaskGroup(of: Message?.self) { group in
      group.addTask { await self.first(where: isWanted) }
      group.addTask {
        try? await Task.sleep(for: deadline)
        return nil
      }
      let message = await group.next() ?? nil
      group.cancelAll()
      return message
    }
  }

  private func first(where isWanted: @Sendable (Message) -> Bool) async -> Message? {
    while !Task.isCancelled {
      if let message = take(), isWanted(message) { return message }
      await wait()
    }
    return nil
  }

  private func take() -> Message? {
    state.withLock { $0.messages.isEmpty ? nil : $0.messages.removeFirst() }
  }

  private func wait() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isDue = state.withLock { state in
          if !state.messages.isEmpty || Task.isCancelled { return true }
          state.waiter = continuation
          return false
        }
        if isDue { continuation.resume() }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        defer { state.waiter = nil }
        return state.waiter
      }
      waiter?.resume()
    }
  }
}
