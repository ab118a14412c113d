/// Reads metrics as strictly as OpenMetrics 1.0 asks, and refuses what the older Prometheus text format 0.0.4 would
/// misread, so that what it takes can be read by both.
struct OpenMetricsReader {
  struct Problem: Error, CustomStringConvertible {
    var line: Int
    var text: String
    var description: String { "line \(line): \(text)" }
  }

  /// Figures by name, then by labels as they were written: `source="hr",state="held"`.
  private(set) var samples: [String: [String: Double]] = [:]
  /// Names in the order in which they were met.
  private(set) var names: [String] = []

  private var line = 0
  private var family = ""
  private var type: String?
  private var hasHelp = false

  init(_ text: String) throws {
    guard text.hasSuffix("\n# EOF\n") || text == "# EOF\n" else { throw problem("no '# EOF' at the end") }
    let lines = text.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
    for content in lines {
      line += 1
      if content == "# EOF" {
        guard line == lines.count else { throw problem("'# EOF' before the end") }
      } else {
        try take(content)
      }
    }
  }

  /// A figure; labels as they are written, sorted or not as the writer has them.
  subscript(name: String, labels: String) -> Double? { samples["haplo_importd_" + name]?[labels] }
  subscript(name: String) -> Double? { self[name, ""] }

  private func problem(_ text: String) -> Problem { Problem(line: line, text: text) }

  private mutating func take(_ content: Substring) throws {
    if content.hasPrefix("# HELP ") { return try takeHelp(content.dropFirst(7)) }
    if content.hasPrefix("# TYPE ") { return try takeType(content.dropFirst(7)) }
    guard let first = content.first, first != "#" else { throw problem("neither metadata nor a sample") }
    try takeSample(content)
  }

  private mutating func takeHelp(_ content: Substring) throws {
    let parts = content.split(separator: " ", maxSplits: 1)
    guard parts.count == 2 else { throw problem("a help without a text") }
    _ = try Self.unescaped(parts[1], problem("a bad escape"))
    try begin(String(parts[0]))
    hasHelp = true
  }

  private mutating func begin(_ name: String) throws {
    guard Self.isName(name[...]) else { throw problem("'\(name)' is no name") }
    guard !names.contains(name) else { throw problem("\(name) stands in two places") }
    // In OpenMetrics a counter `x` has the sample `x_total`, which must be no other metric's name.
    guard !names.contains(name + "_total"),
      !(name.hasSuffix("_total") && names.contains(String(name.dropLast(6))))
    else { throw problem("\(name) clashes") }
    names.append(name)
    (family, type, hasHelp) = (name, nil, false)
  }

  private mutating func takeType(_ content: Substring) throws {
    let parts = content.split(separator: " ")
    guard parts.count == 2, parts[0] == family, type == nil, samples[family] == nil else {
      throw problem("a type that does not follow its help")
    }
    // The only type of simple figures that is written in the same way in both formats.
    guard parts[1] == "gauge", !family.hasSuffix("_total") else {
      throw problem("type \(parts[1]) of \(family)")
    }
    type = "gauge"
  }

  private mutating func takeSample(_ content: Substring) throws {
    let name = content.prefix { $0 != "{" && $0 != " " }
    guard name == family, hasHelp else { throw problem("a sample of \(name) below \(family)") }
    guard type != nil || name.hasSuffix("_total") else { throw problem("\(name) has no type") }
    var rest = content.dropFirst(name.count)
    let labels = try takeLabels(&rest)
    guard rest.first == " ", let value = Double(rest.dropFirst()), rest.dropFirst().first != " " else {
      throw problem("'\(rest)' is not one space and one number")
    }
    if type == nil, value < 0 { throw problem("a counter below zero") }
    guard samples[family, default: [:]].updateValue(value, forKey: labels) == nil else {
      throw problem("\(name){\(labels)} twice")
    }
  }

  private func takeLabels(_ rest: inout Substring) throws -> String {
    guard rest.first == "{" else { return "" }
    rest.removeFirst()
    let start = rest
    var seen: Set<Substring> = []
    while true {
      let name = rest.prefix { $0 != "=" }
      guard Self.isName(name), !name.contains(":"), seen.insert(name).inserted else {
        throw problem("'\(name)' is no label")
      }
      rest = rest.dropFirst(name.count)
      guard rest.hasPrefix("=\"") else { throw problem("a label without a value") }
      rest = rest.dropFirst(2)
      try Self.dropQuoted(&rest, problem("a value without an end, or a bad escape"))
      if rest.first == "}" { break }
      guard rest.first == "," else { throw problem("no comma between labels") }
      rest.removeFirst()
    }
    let labels = start[..<rest.startIndex]
    rest.removeFirst()
    return String(labels)
  }

  private static func dropQuoted(_ rest: inout Substring, _ problem: Problem) throws {
    while let character = rest.popFirst() {
      if character == "\"" { return }
      if character == "\\" {
        guard let escaped = rest.popFirst(), "\\\"n".contains(escaped) else { throw problem }
      }
    }
    throw problem
  }

  private static func unescaped(_ text: Substring, _ problem: Problem) throws -> String {
    var (rest, result) = (text, "")
    while let character = rest.popFirst() {
      guard character == "\\" else {
        result.append(character)
        continue
      }
      guard let escaped = rest.popFirst(), "\\\"n".contains(escaped) else { throw problem }
      result.append(escaped == "n" ? "\n" : escaped)
    }
    return result
  }

  private static func isName(_ text: Substring) -> Bool {
    guard let first = text.first, first.isASCII, first.isLetter || first == "_" || first == ":" else {
      return false
    }
    return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
  }
}
