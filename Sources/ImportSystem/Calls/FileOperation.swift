/// One call that a ``FileSystem`` is about to make: what, on what, and what for.
public struct FileOperation: Sendable, Hashable {
  /// The kinds of calls; the raw value is the verb of an error's text, after "cannot".
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case open
    case create
    case read
    case write = "write to"
    case sync
    case dataSync = "sync the data of"
    case rename
    case makeDirectory = "make directory"
    case setMode = "set owner and mode of"
    case unlink = "remove"
    case removeDirectory = "remove directory"
    case truncate
    case link
    case lock
    case statistics = "examine"
    case list
  }

  /// Which call.
  public let kind: Kind
  /// Why the caller makes it: `claim`, `archive`, `journal`.
  public let purpose: String
  /// The path it acts on.
  public let object: String
  /// The new path of a rename or link.
  public let target: String?

  /// Describes a call.
  public init(_ kind: Kind, for purpose: String, on object: String, to target: String? = nil) {
    self.kind = kind
    self.purpose = purpose
    self.object = object
    self.target = target
  }

  /// The object, and the target if there is one, as they stand in an error's text.
  var quotedObject: String {
    target.map { "\(quoted(object)) to \(quoted($0))" } ?? quoted(object)
  }
}
