/// Says what is wrong with a fault as it was written.
public struct FaultSyntaxError: Error, Equatable, CustomStringConvertible {
  public let description: String
}

extension Fault {
  /// Reads `STEP:KIND[:SETTING=VALUE]…`, as in `file:drop:nth=2` or `any:503:retry-after=5:probability=0.1`.
  /// A piece without `=` after the kind belongs to the value before it, so that values may hold colons.
  public init(_ text: String) throws(FaultSyntaxError) {
    let pieces = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard pieces.count >= 2 else {
      throw FaultSyntaxError(description: "'\(text)' is not STEP:KIND[:SETTING=VALUE]…")
    }
    var pairs: [(name: String, value: String)] = []
    for piece in pieces.dropFirst(2) {
      if let pair = Self.pair(piece) {
        pairs.append(pair)
      } else if let last = pairs.indices.last {
        pairs[last].value += ":" + piece
      } else {
        throw FaultSyntaxError(description: "'\(piece)' in '\(text)' is not SETTING=VALUE")
      }
    }
    try self.init(step: pieces[0], kind: pieces[1], pairs, text: text)
  }

  /// Reads an object with the members `step` and `kind` and the settings, or a text in the form above.
  init(_ value: JSONValue) throws(FaultSyntaxError) {
    switch value {
    case .string(let text): try self.init(text)
    case .object(let members):
      let settings = members.filter { $0.name != "step" && $0.name != "kind" }
      let pairs = settings.map { (name: $0.name, value: $0.value.scriptText) }
      let step = value["step"]?.scriptText ?? "any"
      guard let kind = value["kind"]?.scriptText else {
        throw FaultSyntaxError(description: "a fault needs a kind")
      }
      let words = pairs.map { ":\($0.name)=\($0.value)" }.joined()
      try self.init(step: step, kind: kind, pairs, text: "\(step):\(kind)\(words)")
    default: throw FaultSyntaxError(description: "a fault is an object or a string")
    }
  }

  private init(step: String, kind: String, _ pairs: [(name: String, value: String)], text: String)
    throws(FaultSyntaxError)
  {
    let target = try Target(step)
    var settings = FaultSettings(pairs)
    let kind = try Self.kind(kind, target, &settings)
    self.init(
      kind, on: target, nth: try settings.count("nth"), count: try settings.count("count"),
      probability: try settings.share("probability") ?? 1, seed: try settings.seed("seed") ?? 1)
    self.text = text
    try settings.finish()
  }

  private static func pair(_ piece: String) -> (name: String, value: String)? {
    guard let equals = piece.firstIndex(of: "="), equals != piece.startIndex,
      piece[..<equals].utf8.allSatisfy({ $0 == 0x2d || (0x61...0x7a).contains($0) })
    else { return nil }
    return (String(piece[..<equals]), String(piece[piece.index(after: equals)...]))
  }

  private static func kind(_ name: String, _ target: Target, _ settings: inout FaultSettings)
    throws(FaultSyntaxError) -> Kind
  {
    if let kind = try jobKind(name, &settings) {
      guard target == .step(.schedule) else {
        throw FaultSyntaxError(description: "'\(name)' is a kind of fault for schedule only")
      }
      return kind
    }
    if let kind = try pageKind(name, &settings) {
      guard target.isPages else {
        throw FaultSyntaxError(
          description: "'\(name)' is a kind of fault for list-page, batch-page and pages only")
      }
      return kind
    }
    return try generalKind(name, &settings)
  }

  private static func generalKind(_ name: String, _ settings: inout FaultSettings) throws(FaultSyntaxError)
    -> Kind
  {
    switch name {
    case "fail": try fail(try settings.status() ?? 500, &settings)
    case "html": .html(settings.text("body"), at: try settings.moment() ?? .body)
    case "proxy": try fail(try settings.status() ?? 502, &settings, at: .end)
    case "redirect":
      .redirect(
        to: settings.text("location") ?? "https://elsewhere.invalid/", status: try settings.status() ?? 302)
    case "drop": .drop
    case "cut": .cut(after: Int64(try settings.count("bytes") ?? 0))
    case "stall": .stall(try settings.time("for") ?? .seconds(3600), at: try settings.moment() ?? .end)
    case "latency": .latency(try settings.time("for") ?? .milliseconds(100))
    case "half": .half
    case "wrong-digest": .wrongDigest
    case "not-permitted": .notPermitted
    case "revoke": .revoke
    case "block": .block
    case "throttle": .throttle
    case "forget": .forget
    case "forget-controls": .forgetControls
    default: try numbered(name, &settings)
    }
  }

  /// The end that a fault of this kind gives a job; nil for another kind.
  private static func jobKind(_ name: String, _ settings: inout FaultSettings) throws(FaultSyntaxError)
    -> Kind?
  {
    let result: JobPlan.Result
    switch name {
    case "complete": result = .finished(errors: try settings.count("errors") ?? 0)
    case "exception": result = .exception
    case "stuck": result = .stuck
    case "killed": result = .killed
    case "dead-worker": result = .deadWorker
    case "lose-job": return .loseJob
    default: return nil
    }
    return .job(
      JobPlan(
        result, duration: try settings.time("for"), comment: settings.text("comment"),
        batch: try settings.count("batch")))
  }

  /// How a page is misshapen; nil for another kind.
  private static func pageKind(_ name: String, _ settings: inout FaultSettings) throws(FaultSyntaxError)
    -> Kind?
  {
    switch name {
    case "unknown-markup": .unknownMarkup
    case "large-log": .largeLog(min(try settings.count("bytes") ?? 15 << 20, 1 << 30))
    case "truncated": .truncated(try settings.count("bytes"))
    default: nil
    }
  }

  /// A status is a kind by itself: `file:503` is `file:fail:status=503`.
  private static func numbered(_ name: String, _ settings: inout FaultSettings) throws(FaultSyntaxError)
    -> Kind
  {
    guard let status = Int(name), (200...599).contains(status) else {
      throw FaultSyntaxError(description: "'\(name)' is not a kind of fault")
    }
    return try fail(status, &settings)
  }

  private static func fail(_ status: Int, _ settings: inout FaultSettings, at moment: Moment = .body)
    throws(FaultSyntaxError) -> Kind
  {
    .fail(
      status, body: settings.text("body"), mediaType: settings.text("type") ?? "text/html",
      retryAfter: settings.text("retry-after"), at: try settings.moment() ?? moment)
  }
}

extension Fault.Target {
  fileprivate init(_ name: String) throws(FaultSyntaxError) {
    if let step = Step(rawValue: name) {
      self = .step(step)
    } else if let page = OutcomePage(rawValue: name) {
      self = .page(page)
    } else if name == "any" || name == "pages" {
      self = name == "any" ? .anyStep : .anyPage
    } else {
      throw FaultSyntaxError(
        description:
          "'\(name)' is not a step (control, batch, file, schedule, any) or page (list-page, batch-page, pages)"
      )
    }
  }

  fileprivate var isPages: Bool {
    switch self {
    case .anyPage, .page: true
    case .anyStep, .step: false
    }
  }
}
