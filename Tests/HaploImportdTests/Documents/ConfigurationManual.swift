/// The keys of one section as the manual explains them: the paragraphs of the installed file, which another test
/// compares with the table of keys and their defaults.
struct ConfigurationManual {
  let lines: [String]

  /// `section` is the header as it stands in the file, commented out or not.
  init(section: String) throws {
    var current = ""
    var block: [String] = []
    var own: [Paragraph] = []
    for line in try ProjectFile.text("etc/haplo-importd.conf").split(
      separator: "\n", omittingEmptySubsequences: false)
    {
      let header = line.drop { $0 == "#" }
      let isHeader = header.hasPrefix("[") && header.hasSuffix("]")
      guard isHeader || line.isEmpty else {
        block.append(String(line))
        continue
      }
      if current == section, let paragraph = Paragraph(block) { own.append(paragraph) }
      block = []
      if isHeader { current = String(header) }
    }
    lines = Mdoc.list("-tag -width 4n", own.map { ($0.term, $0.text) })
  }
}

/// A comment, and the keys below it with their defaults.
private struct Paragraph {
  private var comment: [String] = []
  private var keys: [(name: String, value: String)] = []

  /// Nil for one without keys.
  init?(_ block: [String]) {
    for line in block {
      if let key = line.wholeMatch(of: #/#([A-Za-z.]+)=(.*)/#) {
        keys.append((String(key.1), String(key.2)))
      } else {
        comment.append(String(line.drop { $0 == "#" || $0 == " " }))
      }
    }
    if keys.isEmpty { return nil }
  }

  var term: String { keys.map { "Cm \($0.name)=" }.joined(separator: " , ") }

  var text: [String] {
    var text = comment.filter { !$0.hasPrefix("Default: ") }.joined(separator: "\n")
    text = text.replacing(" (none)", with: "")
    return Mdoc.lines(text) + [".Pp"] + Mdoc.lines(defaults(text))
  }

  private func defaults(_ text: String) -> String {
    if text.contains("must be set") { return "Example: \(keys[0].value)." }
    let dynamic = comment.first { $0.hasPrefix("Default: ") }
    if let dynamic { return dynamic + (keys[0].value.isEmpty ? "." : " \(keys[0].value).") }
    if keys.allSatisfy({ $0.value.isEmpty }) { return "Default: not set." }
    if keys.count == 1 { return "Default: \(keys[0].value)." }
    let values = keys.map { $0.value.isEmpty ? "\($0.name)= not set" : "\($0.name)=\($0.value)" }
    return "Defaults: \(values.joined(separator: ", "))."
  }
}
