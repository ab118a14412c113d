/// Says what is wrong with a value, in words that follow `KEY=VALUE` in a finding.
public struct BadValue: Error, Hashable, Sendable {
  /// `has more than 4096 bytes`.
  public let message: String

  /// Takes the words.
  public init(_ message: String) { self.message = message }
}
