/// The text of `Comment=` and `ControlComment=`, sent to the server with placeholders filled in:
/// `%s` source, `%i` set, `%n` name of folder or control file, `%t` time of completion, `%%` a percent sign.
public struct CommentTemplate: Hashable, Sendable {
  /// The template as it is written in the configuration.
  public let template: String

  /// The most bytes that a template may have: the server refuses text over 64 KiB (docs/server.md).
  public static let limit = 4096

  /// What is sent when nobody wrote a comment: `hr export 20261124T070512Z-hr-7f3k2m9q`.
  public static let standard = CommentTemplate(checked: "%s export %i")

  /// Takes a template; throws when it is too long, or `%` stands before anything but `s i n t %`.
  public init(_ template: String) throws(BadValue) {
    guard template.utf8.count <= Self.limit else { throw BadValue("has more than \(Self.limit) bytes") }
    var scalars = template.unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
      guard scalar == "%" else { continue }
      guard let placeholder = scalars.next() else { throw BadValue("ends in a single '%'; write '%%'") }
      guard "sint%".unicodeScalars.contains(placeholder) else {
        throw BadValue(
          "has '%\(placeholder)', which is none of %s %i %n %t %%; for a percent sign write '%%'")
      }
    }
    self.template = template
  }

  /// True if the set's id is in every comment.
  public var namesSet: Bool {
    var scalars = template.unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
      if scalar == "%", scalars.next() == "i" { return true }
    }
    return false
  }

  private init(checked template: String) { self.template = template }

  /// Fills the placeholders in. The time is written in UTC to the second (RFC 3339).
  public func text(source: SourceName, set: SetID, name: String, completed: Timestamp) -> String {
    var text = ""
    var scalars = template.unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
      guard scalar == "%", let placeholder = scalars.next() else {
        text.unicodeScalars.append(scalar)
        continue
      }
      switch placeholder {
      case "s": text += source.text
      case "i": text += set.text
      case "n": text += name
      case "t": text += completed.rfc3339
      default: text += "%"
      }
    }
    return text
  }
}
