/// A pattern for the name of one file, as shells have it: `*` any characters or none, `?` exactly one,
/// `[a-z]` one of these, `[!a-z]` or `[^a-z]` one of the others; everything else is itself. To name one
/// of the special characters, put it in brackets: `[*]`. Names are compared code point by code point,
/// so that two spellings of `é` are two names, as they are for the file system.
public struct Glob: Hashable, Sendable {
  private enum Element: Hashable, Sendable {
    case scalar(Unicode.Scalar)
    case anyOne
    case anyMany
    case oneOf([ClosedRange<Unicode.Scalar>], negated: Bool)

    func matches(_ scalar: Unicode.Scalar) -> Bool {
      switch self {
      case .scalar(let own): own == scalar
      case .anyOne: true
      case .anyMany: false
      case .oneOf(let ranges, let negated): ranges.contains { $0.contains(scalar) } != negated
      }
    }
  }

  /// The pattern as it was written.
  public let pattern: String
  private let elements: [Element]

  /// Takes a pattern; nil when it is empty, or a `[` has no `]`, or a range runs backwards.
  public init?(_ pattern: String) {
    var rest = pattern.unicodeScalars[...]
    var elements: [Element] = []
    while let scalar = rest.popFirst() {
      switch scalar {
      case "*": if elements.last != .anyMany { elements.append(.anyMany) }
      case "?": elements.append(.anyOne)
      case "[":
        guard let element = Self.takeBracket(&rest) else { return nil }
        elements.append(element)
      default: elements.append(.scalar(scalar))
      }
    }
    if elements.isEmpty { return nil }
    self.pattern = pattern
    self.elements = elements
  }

  /// True if the pattern can match one name only, which is the pattern itself.
  public var isLiteral: Bool {
    elements.allSatisfy { if case .scalar = $0 { true } else { false } }
  }

  /// Tells whether the whole of `name` fits the pattern. The time grows with the product of both lengths
  /// at most, whatever the pattern.
  public func matches(_ name: String) -> Bool {
    let scalars = Array(name.unicodeScalars)
    var element = 0
    var position = 0
    var retry: (element: Int, position: Int)?
    while position < scalars.count {
      if element < elements.count, elements[element] == .anyMany {
        element += 1
        retry = (element, position)
      } else if element < elements.count, elements[element].matches(scalars[position]) {
        element += 1
        position += 1
      } else if let last = retry {
        // The latest star takes one more; an earlier one never needs to be asked again.
        retry = (last.element, last.position + 1)
        (element, position) = (last.element, last.position + 1)
      } else {
        return false
      }
    }
    return elements[element...].allSatisfy { $0 == .anyMany }
  }

  /// Takes what follows a `[`, up to its `]`; a `]` that comes first is one of the characters.
  private static func takeBracket(_ rest: inout Substring.UnicodeScalarView) -> Element? {
    var ranges: [ClosedRange<Unicode.Scalar>] = []
    let negated = rest.first == "!" || rest.first == "^"
    if negated { rest.removeFirst() }
    while let low = rest.popFirst() {
      if low == "]", !ranges.isEmpty { return .oneOf(ranges, negated: negated) }
      var high = low
      if rest.first == "-", let end = rest.dropFirst().first, end != "]" {
        rest.removeFirst(2)
        high = end
      }
      if high < low { return nil }
      ranges.append(low...high)
    }
    return nil
  }
}
