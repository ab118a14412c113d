import FoundationEssentials
import ImportCore
import ImportService

extension FuzzTarget {
  /// A request to the control socket: whatever is understood says the same when it is written and read again.
  static let request = FuzzTarget("request") { bytes throws(BrokenProperty) in
    guard let request = try? JSONDecoder().decode(ControlRequest.self, from: Data(bytes)) else { return }
    let again = (try? JSONEncoder().encode(request)).flatMap {
      try? JSONDecoder().decode(ControlRequest.self, from: $0)
    }
    try require(again == request, "written again it asks something else")
    if case .explain(let path, _) = request {
      let inside = DropPath.inside("/srv/drop/hr", path)
      try require(inside.map { path == "/srv/drop/hr/\($0)" } ?? true, "the path leads elsewhere")
    }
  }
}
