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
