/// The reaction of a source after one of its sets was rejected or held (`OnRejected=`), or its job failed (`OnFailed=`).
public enum OnRejected: String, Sendable, CaseIterable {
  /// The next set goes on.
  case `continue`
  /// Nothing more is taken or scheduled until a person decides.
  case halt
}
