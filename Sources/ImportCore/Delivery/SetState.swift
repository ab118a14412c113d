/// The state of a set as users see it (INTERFACE, "States of a set").
public enum SetState: String, Codable, Sendable, CaseIterable {
  /// Taken out of the drop directory; nothing has been sent for it yet.
  case claimed
  /// Its batch is being filled.
  case uploading
  /// Its batch is being scheduled, or may have been: only the same batch is tried again.
  case scheduling
  /// The server will import it; the folder is on its way to the archive.
  case scheduled
  /// Done.
  case archived
  /// A step failed and is repeated later.
  case deferred
  /// A person must decide.
  case held
  /// Its dry run is scheduled; a person says whether it is imported.
  case awaitingApproval = "awaiting-approval"
  /// It cannot work as it is.
  case rejected
  /// It has the same bytes as the set scheduled before it, and was not sent.
  case skipped
}
