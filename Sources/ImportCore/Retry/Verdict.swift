/// What an exchange means for a set and for the server (PROTOCOL, "Every other answer").
public enum Verdict: Hashable, Sendable {
  /// The step is done; `text` is what the server returned (a digest, a batch's name, a word).
  case done(text: String)
  /// The schedule call found the batch scheduled already, which is all that proves it.
  case alreadyScheduled
  /// The server does not have the control file of this digest.
  case controlMissing
  /// Not done, and certainly nothing half-done: repeat it, on the same batch.
  case again(Reason, after: Duration?)
  /// Something may be half-done on this batch: abandon it and create another.
  case newBatch(Reason, after: Duration?)
  /// The server answered that it has no such batch to upload into: create another.
  case batchGone(Reason)
  /// The server has other bytes than we have.
  case wrongDigest(Reason)
  /// The set cannot work.
  case reject(Reason)
  /// A person must decide.
  case hold(Reason)
  /// The answer is not recognisably the server's own. It says nothing about the set: a probe shows whether it concerns
  /// all requests or this one.
  case foreign(ForeignAnswer)
  /// Nothing of this set's fault: no traffic to that server until a probe succeeds. `batchLost` if this
  /// set's file may have been received without our knowing.
  case stop(ServerStop, Reason, batchLost: Bool)
}

/// Why a server is left alone.
public enum ServerStop: String, Codable, Sendable, CaseIterable {
  /// It refuses the key (or does not tell why it refuses).
  case keyRefused = "key-refused"
  /// It refuses everything from this address for a while.
  case throttled
  /// The key is valid but lacks the permission.
  case notPermitted = "not-permitted"
  /// The address leads somewhere else, or something in front of the server answers in its place.
  case wrongAddress = "wrong-address"
}
