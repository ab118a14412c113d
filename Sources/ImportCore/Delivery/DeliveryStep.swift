/// What is to be done next for a set. The shell performs it and records the event that came of it.
public enum DeliveryStep: Hashable, Sendable {
  /// Renames what still stands in the drop directory into `work/`.
  case finishClaim
  /// Reads the files and computes their digests.
  case inspect
  /// Uploads the control file.
  case uploadControl
  /// Creates a batch from the control file's digest.
  case createBatch
  /// Uploads the data file of this key.
  case uploadFile(key: String, batch: BatchID)
  /// Waits for the set's turn, looks at the files once more, and records the intent.
  case intendSchedule(batch: BatchID)
  /// Schedules the batch, for the first time or again.
  case schedule(batch: BatchID, mode: ImportMode)
  /// Gives the set to a person: a limit was reached that more tries would not mend.
  case hold(reason: Reason)
  /// Moves the folder of a set that is tried again back into `work/`.
  case moveBack(from: Delivery.Place)
  /// Waits until this time, then asks again.
  case wait(until: Timestamp)
  /// Writes the receipt and moves the set into the archive.
  case archive
  /// Writes the reason and moves the set to `rejected/`.
  case moveToRejected(reason: Reason)
  /// Writes the reason and moves the set to `held/`.
  case moveToHeld(reason: Reason)
  /// Deletes the folder of a discarded set.
  case remove(from: Delivery.Place)
}
