import ImportCore
import ImportSystem

/// Local work that the disk refused to a command that ends. It is left for the next start.
struct UnfinishedWork: Error {
  let error: SystemError
}

extension Courier {
  /// Performs the steps that follow from a decision and need no server: moves the set's folder, deletes or archives it. Ends
  /// before any other step.
  ///
  /// - Returns: The step that is left for the daemon; nil if nothing is, or only a person can decide.
  /// - Throws: ``UnfinishedWork`` if the disk refuses; what the journal throws.
  func settle() async throws -> DeliveryStep? {
    while let (step, delivery) = try nextStep() {
      guard step.movesFolder else { return step }
      var uncalled: BatchID?
      for event in try await perform(step, delivery, &uncalled) { try await record(event) }
    }
    return nil
  }
}

extension DeliveryStep {
  /// True for a step that moves or deletes the set's folder in the spool, and asks neither the server nor the exporter.
  var movesFolder: Bool {
    switch self {
    case .archive, .moveBack, .moveToRejected, .moveToHeld, .remove: true
    case .finishClaim, .inspect, .uploadControl, .createBatch, .uploadFile, .intendSchedule, .schedule, .hold,
      .wait:
      false
    }
  }
}
