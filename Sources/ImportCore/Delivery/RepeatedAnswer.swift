/// An answer with its count. Texts are not compared, for pages of proxies have a number of their own each time.
public struct RepeatedAnswer: Hashable, Codable, Sendable {
  /// The step that got it.
  public var step: ServerStep
  /// The data file's key, for the step `file`.
  public var key: String?
  /// HTTP status.
  public var http: Int
  /// How often it came while the server accepted other requests.
  public var count: Int

  /// Counts one more answer; nil for a failure without an answer.
  init?(_ reason: Reason, after last: RepeatedAnswer?) {
    guard let step = reason.step, let http = reason.http else { return nil }
    (self.step, key, self.http) = (step, reason.key, http)
    let isSame = last.map { $0.step == step && $0.key == reason.key && $0.http == http } ?? false
    count = isSame ? last!.count + 1 : 1
  }
}
