/// Makes the server, or what stands before it, misbehave for certain requests.
///
/// A fault looks at the requests of its step or page in the order of their arrival, counted from when it was added. With
/// `nth` it begins at that one, and is over after it unless `count` says otherwise. With a probability below 1
/// its seed decides anew for each request, the same way in every run.
public struct Fault: Sendable, Equatable {
  /// When in the life of a request a fault's answer or silence comes.
  public enum Moment: String, Sendable, CaseIterable {
    /// Before the body is read, and before the key is looked at.
    case headers
    /// After the body; the server does nothing with it.
    case body
    /// After the server has done its work.
    case end
  }

  public enum Kind: Sendable, Equatable {
    /// Gives an answer that is not the server's own.
    case answer(status: Int, mediaType: String, body: String, headers: [String: String], at: Moment)
    /// Cuts the connection after the server has done its work.
    case drop
    /// Cuts the connection after so many bytes of the body; with 0 before any.
    case cut(after: Int64)
    /// Says nothing for a time (at the headers: reads nothing either); ends when the client goes away.
    case stall(Duration, at: Moment)
    /// Waits before anything else.
    case latency(Duration)
    /// Announces a whole answer, sends half of it, and cuts the connection.
    case half
    /// Answers with another digest than that of the file, which is kept as it came.
    case wrongDigest
    /// Answers that the key's user has no permission; nothing is done.
    case notPermitted
    /// Refuses every key from now on.
    case revoke
    /// Refuses the key's user from now on.
    case block
    /// Throttles the client's address from now on, as 50 failures do.
    case throttle
    /// Forgets every batch.
    case forget
    /// Forgets every control file.
    case forgetControls
    /// Says what becomes of the job that the request makes.
    case job(JobPlan)
    /// Stores the batch's state and makes no job, as a server that fails between the two: the answer is 500.
    case loseJob
    /// Shows a page with markup that no reader knows.
    case unknownMarkup
    /// Shows a log of at least so many bytes on a batch's page.
    case largeLog(Int)
    /// Ends a page after so many bytes, nil: after half of it; the answer as such is whole.
    case truncated(Int?)
  }

  /// Which requests a fault looks at.
  public enum Target: Sendable, Equatable {
    /// The four steps.
    case anyStep
    case step(Step)
    /// The two pages.
    case anyPage
    case page(OutcomePage)

    func includes(_ endpoint: Endpoint) -> Bool {
      switch (self, endpoint) {
      case (.anyStep, .step), (.anyPage, .page): true
      case (.step(let wanted), .step(let step)): wanted == step
      case (.page(let wanted), .page(let page)): wanted == page
      default: false
      }
    }

    /// As it is written on the command line.
    var name: String {
      switch self {
      case .anyStep: "any"
      case .step(let step): step.rawValue
      case .anyPage: "pages"
      case .page(let page): page.rawValue
      }
    }
  }

  public var target: Target
  public var kind: Kind
  /// The first request that it meets, from 1.
  public var nth: Int?
  /// How many requests it meets at the most.
  public var count: Int?
  /// From 0 to 1.
  public var probability: Double
  public var seed: UInt64
  /// As it was written on the command line, or for a fault made in a program, its kind.
  public internal(set) var text: String

  /// - Parameter step: nil for all four.
  public init(
    _ kind: Kind, at step: Step?, nth: Int? = nil, count: Int? = nil, probability: Double = 1,
    seed: UInt64 = 1
  ) {
    self.init(
      kind, on: step.map(Target.step) ?? .anyStep, nth: nth, count: count, probability: probability,
      seed: seed)
  }

  public init(
    _ kind: Kind, on target: Target, nth: Int? = nil, count: Int? = nil, probability: Double = 1,
    seed: UInt64 = 1
  ) {
    self.target = target
    self.kind = kind
    self.nth = nth
    self.count = count
    self.probability = probability
    self.seed = seed
    text = "\(target.name):\(kind)"
  }
}

extension Fault.Kind {
  /// An answer of the server's own kind, after the body, nothing being done: 500, 503 with Retry-After, and the like.
  public static func fail(
    _ status: Int, body: String? = nil, mediaType: String = "text/html", retryAfter: String? = nil,
    at moment: Fault.Moment = .body
  ) -> Self {
    .answer(
      status: status, mediaType: mediaType,
      body: body ?? Answers.page("Error \(status)", status: status).body,
      headers: retryAfter.map { ["Retry-After": $0] } ?? [:], at: moment)
  }

  /// A proxy's 502 or 504: the server has done its work, and its answer was lost.
  public static func proxy(_ status: Int = 502) -> Self { .fail(status, at: .end) }

  /// A page of HTML with status 200, nothing being done.
  public static func html(_ body: String? = nil, at moment: Fault.Moment = .body) -> Self {
    .fail(200, body: body ?? Answers.portal.body, at: moment)
  }

  /// A redirection to another place, nothing being done.
  public static func redirect(to location: String, status: Int = 302) -> Self {
    .answer(
      status: status, mediaType: "text/html", body: Answers.page("Moved", status: status).body,
      headers: ["Location": location], at: .body)
  }
}
