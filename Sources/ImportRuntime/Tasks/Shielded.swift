import ImportCore

/// Performs `body` so that cancellation of the calling task reaches it only after `grace`: a schedule call that is
/// under way when the program ends is worth a few seconds, for it would stay in doubt otherwise.
public func shielded<Value: Sendable>(
  grace: Duration, _ time: any Time, _ body: @escaping @Sendable () async -> Value
) async -> Value {
  let work = Task { await body() }
  return await withTaskCancellationHandler {
    await work.value
  } onCancel: {
    // Ends with the work: whichever comes first, the task that waits for `work` goes on.
    Task {
      try? await time.sleep(for: grace)
      work.cancel()
    }
  }
}
