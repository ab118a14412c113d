public import ImportCore
public import ImportRuntime
import ImportSystem

/// What one harmless question has shown about the server: whether address, key, permission and plugin are right.
public struct ServerCheck: Sendable, Hashable {
  /// What stands in the way, if anything.
  public enum Outcome: String, Sendable, Hashable, CaseIterable, Encodable {
    case works
    case keyRefused = "key-refused"
    case throttled
    case notPermitted = "not-permitted"
    case wrongAddress = "wrong-address"
    /// It answers, but with a failure or with something that is none of its answers.
    case failing
    /// No answer: its name, the network, TLS.
    case unreachable
  }

  /// The server's URL.
  public var server: String
  public var outcome: Outcome
  /// What happened, in the server's words where it spoke; nil if it works.
  public var reason: String?
  /// The remedy for a person.
  public var remedy: String?
  /// The status of the answer, if one came.
  public var http: Int?
  /// When the server's certificate expires; nil without TLS or an answer.
  public var certificateExpires: Timestamp?
}

extension ServerCheck: Encodable {
  private enum Key: String, CodingKey { case server, outcome, reason, remedy, http, certificateExpires }

  /// Writes every member; absent values are null.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(server, forKey: .server)
    try values.encode(outcome, forKey: .outcome)
    try values.encode(reason, forKey: .reason)
    try values.encode(remedy, forKey: .remedy)
    try values.encode(http, forKey: .http)
    try values.encode(certificateExpires?.rfc3339, forKey: .certificateExpires)
  }
}

extension ServerCheck {
  /// All of it in one line, for people.
  public var line: String {
    let words = reason.map { ": \($0.replacing("\n", with: " "))" } ?? ""
    // A foreign answer is quoted with its status.
    let status = outcome == .wrongAddress ? "" : http.map { " (HTTP \($0))" } ?? ""
    return server + headline + words + status + (remedy.map { "; \($0)" } ?? "")
  }

  /// Empty where the reason says it already.
  private var headline: String {
    switch outcome {
    case .works: " works: it accepts the API key, lets it import, and has the batch import plugin"
    case .keyRefused, .throttled, .notPermitted, .wrongAddress: ""
    case .failing: " answers with a failure"
    case .unreachable: " does not answer"
    }
  }

  /// Judges what came of the question.
  init(server: String, exchange: Exchange, verdict: Verdict) {
    self.server = server
    var hasRemedy = false
    switch exchange {
    case .answered(let answer, _): http = answer.status
    case .failed(_, _, let has): hasRemedy = has
    }
    switch verdict {
    case .done, .alreadyScheduled, .controlMissing: (outcome, http) = (.works, nil)
    case .foreign(let answer):
      (outcome, self.reason, remedy) = (.wrongAddress, answer.reason.text, answer.reason.remedy)
    case .stop(let cause, let reason, _):
      (outcome, self.reason, remedy) = (Outcome(cause), reason.text, reason.remedy)
    case .again(let reason, _), .newBatch(let reason, _), .batchGone(let reason), .wrongDigest(let reason),
      .reject(let reason), .hold(let reason):
      outcome = http == nil ? .unreachable : .failing
      self.reason = reason.text
      remedy = hasRemedy ? nil : http == nil ? Self.networkRemedy : reason.remedy ?? Self.failureRemedy
    }
  }

  private static let networkRemedy =
    "check URL= and Proxy= in [Server], the network between, and that the server runs"
  private static let failureRemedy = "try again later; if it stays so, look into the server's own log"
}

extension ServerCheck.Outcome {
  /// What a server is left alone for, as an outcome.
  public init(_ cause: ServerStop) {
    switch cause {
    case .keyRefused: self = .keyRefused
    case .throttled: self = .throttled
    case .notPermitted: self = .notPermitted
    case .wrongAddress: self = .wrongAddress
    }
  }
}

extension LoadedConfiguration {
  /// How long a person is kept waiting for an answer.
  private static let patience = Duration.seconds(30)

  /// Asks the server once for a batch of a control file that nobody has, which creates nothing. Counts as a failed
  /// key at the server if the key is wrong. Throws as ``makeTransport(replyTimeout:)`` does.
  public func checkServer() async throws -> ServerCheck {
    let transport = try makeTransport(replyTimeout: min(configuration.server.replyTimeout, Self.patience))
    let request = ServerRequest(.batch(control: .ofNothing, comment: nil))
    let exchange = await transport.perform(request)
    var check = ServerCheck(
      server: configuration.server.url, exchange: exchange, verdict: request.question.verdict(on: exchange))
    check.certificateExpires = transport.certificateExpiry
    return check
  }
}
