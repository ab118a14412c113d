/// How values of one type are written in a configuration: read with a reason when they are wrong, and
/// written again in their usual spelling.
struct ValueForm<Value>: Sendable {
  /// Reads a value, whose text is never empty.
  let parse: @Sendable (String) throws(BadValue) -> Value
  /// Writes a value for people, secrets masked.
  let text: @Sendable (Value) -> String
  /// Other spellings of the value, from which the one that was meant may be guessed.
  var choices: [String] = []
  /// True if a number without a unit counts as seconds.
  var isTimeSpan = false
}

extension ValueForm<String> {
  /// An absolute path.
  static let path = ValueForm(
    parse: { text throws(BadValue) in
      if let path = AbsolutePath.normalized(text) { return path }
      throw BadValue(
        text.hasPrefix("/") ? "must not have '..' in it" : "must be an absolute path, beginning with '/'")
    }, text: { $0 })

  /// The name of a marker file in a set.
  static let markerName = ValueForm(
    parse: { text throws(BadValue) in
      try FileNameRule.checkMarker(text)
      if Glob(text)?.isLiteral != true { throw BadValue("must be a name; patterns are only for File.KEY=") }
      return text
    }, text: { $0 })

  /// The address of the server.
  static let serverURL = ValueForm(
    parse: { text throws(BadValue) in try ServerURL(text).text }, text: { $0 })

  /// The address of a proxy; a password in it is masked when it is shown.
  static let proxy = ValueForm(
    parse: { text throws(BadValue) in try ProxyAddress.check(text) }, text: ProxyAddress.masked)
}

extension ValueForm<Bool> {
  /// What systemd takes for a truth value.
  static let yesOrNo = ValueForm(
    parse: { text throws(BadValue) in
      switch text.lowercased() {
      case "yes", "true", "on", "1": return true
      case "no", "false", "off", "0": return false
      default: throw BadValue("must be 'yes' or 'no'")
      }
    }, text: { $0 ? "yes" : "no" })
}

extension ValueForm<CommentTemplate> {
  static let comment = ValueForm(
    parse: { text throws(BadValue) in try CommentTemplate(text) }, text: { $0.template })
}

extension ValueForm where Value: RawRepresentable<String> & CaseIterable & Sendable {
  /// One of a few words.
  static var choice: ValueForm {
    let words = Value.allCases.map(\.rawValue)
    return ValueForm(
      parse: { text throws(BadValue) in
        if let value = Value(rawValue: text) { return value }
        throw BadValue("must be \(words.map { "'\($0)'" }.joined(separator: " or "))")
      }, text: { $0.rawValue }, choices: words)
  }
}
