public import ImportCore
import ImportSystem

/// Examines one data file block by block as the server's reader will read it, in the same pass in which the blocks are
/// hashed. Its memory does not grow with the file, unless record keys are wanted.
struct DataCheck: ~Copyable {
  /// The result of one file.
  struct Result {
    var findings = ValidationFindings()
    /// The referenced fields, with those marked that its records have; nil where that cannot be told.
    var fields: ReferencedFields?
    /// Records that the server will read; nil where that cannot be told.
    var records: Int?
    /// The keys of its records; nil if none are wanted, or that cannot be told.
    var keys: RecordKeys?
  }

  private let options: ReaderOptions
  private let limit: Int64
  private let fields: ReferencedFields
  private var json: JSONRecordValidator?
  private var table: TableValidator?
  private var xml: XMLReader?
  private var opening = FileOpening()
  private var keys: RecordKeyCollector?
  private var size: Int64 = 0

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - limit: Size in bytes beyond which the server's readers of JSON and tables fail; 0: none.
  ///   - recordKey: The field that identifies a record, if the keys of the records are wanted. Eight bytes of memory are
  ///     needed for each.
  init(_ options: ReaderOptions, fields: ReferencedFields, limit: Int64, recordKey: String? = nil) {
    keys = recordKey.flatMap { RecordKeyCollector(options, field: $0) }
    self.options = options
    self.fields = fields
    self.limit = limit
    switch options.reader {
    case .json: json = JSONRecordValidator(shape: options.shape, fields: fields)
    case .tsv: table = TableValidator(separator: options.separator, charset: options.charset, fields: fields)
    case .xmlAttributes, .xmlTextOfChildren:
      xml = XMLReader(
        fields: options.reader == .xmlAttributes ? .attributes : .children,
        singleRecord: options.isSingleRecord ?? false, names: fields.areKnown ? fields.ofRecords : nil)
    case nil: break
    }
  }

  /// Takes the next block.
  mutating func take(_ block: UnsafeRawBufferPointer) {
    size += Int64(block.count)
    opening.take(block)
    json?.take(block)
    table?.take(block)
    xml?.take(block)
    keys?.take(block)
  }

  /// Ends the file.
  consuming func finish() -> Result {
    var result = Result()
    if limit > 0, size > limit, options.isLimited {
      result.findings.add(
        ValidationFinding(
          .error,
          "the file has \(size) bytes; the server's reader fails beyond \(ByteSize.text(limit)) (ReaderLimit=)"
        ))
    }
    if let findings = json?.finish() {
      result.findings.add(findings)
      (result.fields, result.records) = (json?.fields, json?.records)
    } else if let findings = table?.finish() {
      result.findings.add(findings)
      (result.fields, result.records) = (table?.fields, table?.records)
    } else {
      finishXML(&result)
    }
    if result.findings.hasErrors { (result.fields, result.records) = (nil, nil) }
    if result.records != nil, let (keys, findings) = keys?.finish() {
      result.keys = keys
      result.findings.add(findings)
    }
    return result
  }

  private mutating func finishXML(_ result: inout Result) {
    xml?.finish()
    if xml != nil, let problem = opening.binaryProblem {
      return result.findings.add(ValidationFinding(.error, problem))
    }
    for problem in xml?.problems ?? [] {
      result.findings.add(
        ValidationFinding(
          problem.isWarning ? .warning : .error, line: problem.line, column: problem.column, problem.message))
    }
    // Only CDATA sections can be that many, and they are errors where the fields are known.
    let dropped = xml?.dropped ?? 0
    result.findings.count(errors: fields.areKnown ? dropped : 0, warnings: fields.areKnown ? 0 : dropped)
    guard xml?.isWhole == true else { return }
    result.records = xml?.records
    var seen = fields
    if fields.areKnown {
      for (index, isSeen) in (xml?.seen ?? []).enumerated() where isSeen { seen.see(ofRecords: index) }
    }
    result.fields = seen
  }
}

extension ReaderOptions {
  fileprivate var shape: JSONRecordValidator.Shape {
    switch isSingleRecord {
    case true?: .singleRecord
    case false?: .records
    case nil: .any
    }
  }
}

/// A finding with the path of its file.
public struct FileFinding: Hashable, Sendable, Encodable {
  /// The file: a path as the caller gave it, or the name in the set.
  public var path: String
  /// The problem and its place.
  public var finding: ValidationFinding

  public init(_ path: String, _ finding: ValidationFinding) {
    self.path = path
    self.finding = finding
  }

  /// `PATH:LINE:COLUMN: error: …`, control characters escaped.
  public var line: String { PrintableText.escaping(finding.text(for: path)) }

  private enum Key: String, CodingKey { case path, line, column, severity, message }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(path, forKey: .path)
    try container.encode(finding.line, forKey: .line)
    try container.encode(finding.column, forKey: .column)
    try container.encode(finding.severity.rawValue, forKey: .severity)
    try container.encode(finding.message, forKey: .message)
  }
}

/// The errors of a set's files, of which a rejection tells the first twenty and the number of the others.
struct FileErrors {
  private var lines: [String] = []
  private var more = 0

  /// True without errors.
  var isEmpty: Bool { lines.isEmpty }

  /// Adds the errors of one file.
  mutating func add(_ path: String, _ findings: ValidationFindings) {
    guard findings.hasErrors else { return }
    for error in findings.errors.prefix(findings.errorCount - findings.droppedErrors) {
      if lines.count < ValidationFindings.limit {
        lines.append(FileFinding(path, error).line)
      } else {
        more += 1
      }
    }
    more += findings.droppedErrors
  }

  /// The reason of the rejection.
  var reason: Reason {
    let rest = more > 0 ? ["and \(more) more error\(more == 1 ? "" : "s")"] : []
    return Reason(
      (lines + rest).joined(separator: "\n"),
      remedy:
        "correct the export and drop the set again; 'haplo-importd check' validates a set before it is dropped"
    )
  }
}
