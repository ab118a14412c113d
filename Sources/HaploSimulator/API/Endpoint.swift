/// Says what a request asks for.
public enum Endpoint: Sendable, Hashable {
  case step(Step)
  case page(OutcomePage)
  /// Every other path.
  case other

  init(path: String) {
    if let step = Step(path: path) {
      self = .step(step)
    } else if let page = OutcomePage(path: path) {
      self = .page(page)
    } else {
      self = .other
    }
  }

  static let all = Step.allCases.map(Endpoint.step) + OutcomePage.allCases.map(Endpoint.page) + [.other]

  /// The name in faults and counts; nil for `other`.
  var name: String? {
    switch self {
    case .step(let step): step.rawValue
    case .page(let page): page.rawValue
    case .other: nil
    }
  }

  var step: Step? {
    if case .step(let step) = self { step } else { nil }
  }

  var page: OutcomePage? {
    if case .page(let page) = self { page } else { nil }
  }
}

/// Names the four steps of an import, as the last part of their path.
public enum Step: String, Sendable, CaseIterable {
  case control, batch, file, schedule

  static let folder = "/api/haplo-data-import-batch/"

  /// The step of a path; nil for every other path.
  init?(path: String) {
    guard path.hasPrefix(Self.folder) else { return nil }
    self.init(rawValue: String(path.dropFirst(Self.folder.count)))
  }

  /// The path of this step.
  public var path: String { Self.folder + rawValue }
}

/// Why a request with an API key is refused: the `kind` of the server's JSON.
enum KeyRefusal: String, Sendable {
  case invalidKey = "INVALID-API-KEY"
  case blockedUser = "UNAUTHORISED"
  case throttled = "THROTTLE"

  var message: String {
    switch self {
    case .invalidKey: "Invalid API Key"
    case .blockedUser: "Unauthorised"
    case .throttled: "Too many failed attempts"
    }
  }
}
