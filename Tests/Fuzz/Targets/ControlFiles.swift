import ImportCore

extension FuzzTarget {
  /// A control file, and what is examined of one that keeps the rules.
  static let control = FuzzTarget("control") { bytes throws(BrokenProperty) in
    let text = JSONText(bytes)
    for finding in text.findings.list { try requirePlace(finding.line, finding.column, in: bytes) }
    try require(text.value != nil || text.findings.hasErrors, "no value, and no error")
    if let value = text.value { try checkWrittenAgain(value, JSONText(value.written).value) }
    switch ControlFile.read(bytes) {
    case .invalid(let findings):
      try require(findings.hasErrors, "refused for nothing")
      for finding in findings.list { try requirePlace(finding.line, finding.column, in: bytes) }
    case .valid(let control):
      try require(!text.findings.hasErrors, "accepted though the text has errors")
      try checkParts(of: control, bytes)
      guard let value = text.value, case .valid(let again) = ControlFile.read(value.written) else {
        throw BrokenProperty(description: "written again it is refused")
      }
      try require(
        again.files.map(\.key) == control.files.map(\.key)
          && again.files.map(\.options) == control.files.map(\.options)
          && again.hasDefault == control.hasDefault, "written again it names other files")
    }
  }

  private static func checkWrittenAgain(_ value: JSONValue, _ again: JSONValue?) throws(BrokenProperty) {
    try require(again?.written == value.written, "the value is another one when it is written and read again")
  }

  private static func checkParts(of control: ControlFile, _ bytes: [UInt8]) throws(BrokenProperty) {
    var findings = control.findings
    findings.add(control.fields.warnings)
    let options = control.optionsByKey
    for file in control.files {
      try require(options[ExactText(file.key)] != nil, "a key of files has no options")
      findings.add(ValidationFinding(.warning, file.place, "here"))
    }
    for finding in findings.list { try requirePlace(finding.line, finding.column, in: bytes) }
  }

  /// A list of digests, as sha256sum(1) writes it.
  static let sums = FuzzTarget("sums") { bytes throws(BrokenProperty) in
    let list = ChecksumList(bytes)
    for finding in list.findings { try requirePlace(finding.line, finding.column, in: bytes) }
    for entry in list.entries {
      try requirePlace(entry.line, 1, in: bytes)
      try require(!entry.name.isEmpty, "a file without a name")
    }
    let again = ChecksumList(list.entries.flatMap { written($0) })
    try require(
      again.entries.map(\.name.utf8Bytes) == list.entries.map(\.name.utf8Bytes)
        && again.entries.map(\.digest) == list.entries.map(\.digest), "written again it says something else")
  }

  /// The line that sha256sum(1) would write for it.
  private static func written(_ entry: ChecksumList.Entry) -> [UInt8] {
    let name = entry.name.unicodeScalars.map { scalar in
      switch scalar {
      case "\n": "\\n"
      case "\r": "\\r"
      case "\\": "\\\\"
      default: String(scalar)
      }
    }.joined()
    let mark = name.utf8Bytes == entry.name.utf8Bytes ? "" : "\\"
    return Array("\(mark)\(entry.digest)  \(name)\n".utf8)
  }
}

extension String {
  /// Exactly these bytes: Swift's strings are equal when they look the same.
  var utf8Bytes: [UInt8] { Array(utf8) }
}

extension JSONValue {
  /// A text with this value.
  var written: [UInt8] {
    switch kind {
    case .null: Array("null".utf8)
    case .boolean: Array("\(isTrue)".utf8)
    case .number: Array((number ?? "").utf8)
    case .string: Self.quoted(string ?? "")
    case .array: Self.list("[", (elements ?? []).map(\.written), "]")
    case .object:
      Self.list(
        "{", (members ?? []).map { Self.quoted($0.key) + [UInt8(ascii: ":")] + $0.value.written }, "}")
    }
  }

  private static func list(_ start: String, _ parts: [[UInt8]], _ end: String) -> [UInt8] {
    Array(start.utf8) + Array(parts.joined(separator: [UInt8(ascii: ",")])) + Array(end.utf8)
  }

  private static func quoted(_ text: String) -> [UInt8] {
    let escaped = text.utf8.flatMap { byte -> [UInt8] in
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): [UInt8(ascii: "\\"), byte]
      case 0..<32:
        Array("\\u00".utf8) + Array(String(byte >> 4, radix: 16).utf8)
          + Array(String(byte & 15, radix: 16).utf8)
      default: [byte]
      }
    }
    return [UInt8(ascii: "\"")] + escaped + [UInt8(ascii: "\"")]
  }
}
