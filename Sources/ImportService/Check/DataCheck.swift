import ImportCore
import ImportSystem

/// Examines one data file block by block as the server's reader will read it, beside whoever else reads the blocks.
struct DataCheck: ~Copyable {
  private let options: ReaderOptions
  private let limit: Int64
  private var names: SourceNames
  private var json: JSONLint?
  private var table: TSVLint?
  private var xml: XMLReader?
  private var size: Int64 = 0

  /// Begins a file. `limit` is the size in bytes beyond which the server's readers of JSON and tables fail; 0: none.
  init(_ options: ReaderOptions, names: SourceNames, limit: Int64) {
    self.options = options
    self.names = names
    self.limit = limit
    switch options.reader {
    case .json: json = JSONLint(shape: options.shape, names: names)
    case .tsv: table = TSVLint(separator: options.separator, charset: options.charset, names: names)
    case .xmlAttributes, .xmlTextOfChildren:
      xml = XMLReader(
        fields: options.reader == .xmlAttributes ? .attributes : .children,
        singleRecord: options.isSingleRecord ?? false, names: names.ofRecords)
    case nil: break
    }
  }

  /// Takes the next block.
  mutating func take(_ block: UnsafeRawBufferPointer) {
    size += Int64(block.count)
    json?.take(block)
    table?.take(block)
    xml?.take(block)
  }

  /// Ends the file: all findings, and which of the names its records have; nil where that cannot be told.
  consuming func finish() -> (findings: LintFindings, names: SourceNames?) {
    var findings = LintFindings()
    if limit > 0, size > limit, options.isLimited {
      findings.add(
        LintFinding(
          .error,
          "the file has \(size) bytes; the server's reader fails beyond \(ByteSize.text(limit)) (ReaderLimit=)"
        ))
    }
    if let own = json?.finish() { add(own, to: &findings) }
    if let own = table?.finish() { add(own, to: &findings) }
    let problem = finishXML()
    if let problem { findings.add(problem) }
    let isKnown = options.reader != nil && !findings.hasErrors && problem == nil
    return (findings, isKnown ? json?.names ?? table?.names ?? names : nil)
  }

  private func add(_ own: LintFindings, to findings: inout LintFindings) {
    for finding in own.list { findings.add(finding) }
    if own.dropped > 0 { findings.add(LintFinding(.warning, "and \(own.dropped) more warnings like these")) }
  }

  private mutating func finishXML() -> LintFinding? {
    let problem = xml?.finish() ?? nil
    for (index, isSeen) in (xml?.seen ?? []).enumerated() where isSeen { names.see(ofRecords: index) }
    guard let problem else { return nil }
    let text = problem.isLimit ? "not examined from here: \(problem.message)" : problem.message
    return LintFinding(
      problem.isLimit ? .warning : .error, line: problem.line, column: problem.column, text)
  }
}

extension ReaderOptions {
  fileprivate var shape: JSONLint.Shape {
    switch isSingleRecord {
    case true?: .singleRecord
    case false?: .records
    case nil: .any
    }
  }
}
