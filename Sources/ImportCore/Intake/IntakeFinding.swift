/// One reason why something in a drop directory is not taken.
public struct IntakeFinding: Hashable, Sendable {
  /// Where: a path relative to the drop directory, `staff/data.json`.
  public var path: String
  /// Line and column in bytes, from 1, where the reason is a place in a text.
  public var place: TextFinding?
  /// The key of the control file's `files` that it is about.
  public var key: String?
  /// What is the matter.
  public var text: String
  /// What a person can do, where waiting alone will not help.
  public var remedy: String?
  /// True if it cannot be taken as it is, so that waiting alone will not help.
  public var isFinal: Bool
  /// True if the daemon lacks a right that it could not grant itself.
  public var isAccess = false

  /// Takes a path and what is the matter there.
  public init(_ path: String, _ text: String, remedy: String? = nil, isFinal: Bool = false) {
    self.path = path
    self.text = text
    self.remedy = remedy
    self.isFinal = isFinal
  }

  /// Takes something that is wrong at a place of a text.
  public init(_ path: String, _ place: TextFinding) {
    self.init(path, place.message, isFinal: true)
    self.place = place
  }

  /// The finding as one line, with its remedy.
  public var line: String {
    let position = place.map { "\(path.shown):\($0.line):\($0.column)" } ?? path.shown
    return "\(position): \(isFinal ? "error: " : "")\(text)" + (remedy.map { " (\($0))" } ?? "")
  }
}
