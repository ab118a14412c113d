import ImportCore
import Testing

@testable import ImportService

/// Reading the records of files for their keys and contents.
@Suite struct RecordReaderTests {
  /// What was read of one record.
  struct Read: Hashable {
    var key: String?
    var content: UInt64
  }

  static func options(_ read: String, _ more: String = "") -> ReaderOptions {
    let control = """
      {"dataImportControlFileVersion": 0, "model": "std:person", "instructions": [],
       "files": {"a": {"read": "\(read)"\(more)}}}
      """
    guard case .valid(let file) = ControlFile.read(Array(control.utf8)) else {
      preconditionFailure("no control file: \(control)")
    }
    return file.files[0].options
  }

  /// Reads a text in pieces of so many bytes.
  static func read(
    _ text: [UInt8], _ options: ReaderOptions, key: String? = "id", piece: Int = .max,
    changes: [RecordChanges.Change]? = nil
  ) throws -> (records: [Read], names: FieldNames, problem: String?) {
    let demand = RecordDemand(key: key, contents: true, names: true, changes: changes)
    guard var reader = RecordReader(options, demand) else {
      preconditionFailure("the server itself reads it")
    }
    var (records, names) = ([Read](), FieldNames())
    func take(_ batch: RecordBatch, _ all: FieldNames) {
      records += batch.records.map { Read(key: batch.key(of: $0), content: $0.content) }
      names = all
    }
    text.withUnsafeBytes { bytes in
      for start in stride(from: 0, to: bytes.count, by: min(piece, max(bytes.count, 1))) {
        reader.take(
          UnsafeRawBufferPointer(rebasing: bytes[start..<(start + min(piece, bytes.count - start))]), take)
      }
    }
    let problem = reader.finish(take)
    return (records, names, problem)
  }

  static func read(
    _ text: String, _ read: String, _ more: String = "", key: String? = "id", piece: Int = .max
  ) throws
    -> [Read]
  { try Self.read(Array(text.utf8), options(read, more), key: key, piece: piece).records }

  // MARK: JSON

  /// Rows: two spellings of one record.
  @Test(arguments: [
    (#"{"id": "é", "b": 1}"#, #"{ "b" :1.0 , "\#("id")":"\u00e9"}"#),
    (#"{"id": 1, "b": [1, {"x": 1, "y": 2}]}"#, #"{"b": [1e0, {"y": 2, "x": 1}], "id": 1}"#),
    (#"{"id": "a/b", "b": "😀"}"#, #"{"id": "a\/b", "b": "\ud83d\ude00"}"#),
    (#"{"id": "x", "b": 2}"#, #"{"id": "y", "b": 1, "id": "x", "b": 2}"#),
    (#"{"id": 10, "b": -0}"#, #"{"id": 1.0e1, "b": 0}"#), (#"["x", true]"#, #"[ "x" , true ]"#),
    (#"{"id": 1, "b": {"c": 1, "c": 2}}"#, #"{"id": 1, "b": {"c": 2}}"#),
  ])
  func `the spelling of a record makes no difference`(one: String, other: String) throws {
    let records = try Self.read("[\(one), \(other)]", "json")
    #expect(records.count == 2 && records[0] == records[1], "\(records)")
  }

  /// Rows: two records that are not the same.
  @Test(arguments: [
    (#"{"id": 1}"#, #"{"id": "1"}"#), (#"{"b": [1, 2]}"#, #"{"b": [2, 1]}"#), (#"{"b": null}"#, "{}"),
    (#"{"b": {}}"#, #"{"b": []}"#), (#"{"b": true}"#, #"{"b": "true"}"#), (#"{"b": "c"}"#, #"{"c": "b"}"#),
    (#"{"b": 9007199254740993}"#, #"{"b": 9007199254740992}"#), (#"{"b": {"c": 1}}"#, #"{"b": [["c", 1]]}"#),
    (#"{"b": "", "c": "x"}"#, #"{"b": "x", "c": ""}"#), (#"["a", "b"]"#, #"["b", "a"]"#),
    (#"{"b": 0.1}"#, #"{"b": 0.2}"#),
  ])
  func `what differs is told`(one: String, other: String) throws {
    let records = try Self.read("[\(one), \(other)]", "json")
    #expect(records.count == 2 && records[0].content != records[1].content)
  }

  @Test func `keys are texts and numbers that are not empty`() throws {
    let text = """
      [{"id": "a"}, {"id": 7}, {"id": 7.0}, {"id": ""}, {"id": null}, {"id": {"id": "in"}}, {"x": {"id": "in"}}, {}, 5,
       {"id": true}, {"id": "a", "id": []}, {"id": [1], "id": "b"}]
      """
    #expect(
      try Self.read(text, "json").map(\.key) == [
        "a", "7", "7", nil, nil, nil, nil, nil, nil, "true", nil, "b",
      ])
    #expect(try Self.read(#"[["a", "b"], ["c"]]"#, "json", key: "1").map(\.key) == ["b", nil])
    #expect(try Self.read(#"{"p": {"id": 1}, "id": {"id": 2}}"#, "json").map(\.key) == ["1", "2"])
    #expect(
      try Self.read(#"{"id": 1, "x": {"id": 2}}"#, "json", ", \"singleRecord\": true").map(\.key) == ["1"])
    for none in ["[]", "{}", "null"] { #expect(try Self.read(none, "json").isEmpty) }
  }

  @Test func `a long key is kept in part and told apart whole`() throws {
    let long = String(repeating: "x", count: 1000)
    let records = try Self.read(#"[{"id": "\#(long)a"}, {"id": "\#(long)b"}]"#, "json")
    #expect(records[0].key?.count == 256 && records[0].content != records[1].content)
    var batch = RecordKeyText()
    for byte in "\(long)a".utf8 { batch.take(byte) }
    #expect(batch.hash == RecordHash("\(long)a".utf8).value)
  }

  /// Rows: a reader, and a file whose records have the keys `a` to `d`.
  static let files = [
    (
      "json",
      #"[{"id": "a", "x": [1, {"id": 2}]}, {"id": "b", "x": "\u00e9", "x": [{"id": 1}]}, {"id": "c"}, {"y": {}, "id": "d"}]"#
    ),
    (
      "json",
      #"{"1": {"id": "a"}, "id": {"id": "b", "x": ["id"]}, "3": {"id": "c"}, "4": {"id": "d", "x": 1}}"#
    ),
    ("tsv-with-name-row", "x\tid\n1\ta\n\tb\t\tid\n\r\n3\tc\n4\td"),
    ("xml-attributes", "<r><p id='a'/><p id='b' x='1'><q id='x'/></p><p id='c'/><p x='é' id='d'/></r>"),
    (
      "xml-text-of-children",
      "<r><p><id>a</id></p><p><x><id>y</id></x><id>b</id></p><p><id>c</id></p><p><id>d</id><x>é</x></p></r>"
    ),
  ]

  @Test(arguments: files)
  func `of a record that did not change only its end is told`(reader: String, text: String) throws {
    let options = Self.options(reader)
    let all = try Self.read(Array(text.utf8), options).records
    #expect(all.map(\.key) == ["a", "b", "c", "d"])
    let none = Read(key: nil, content: 0)
    for piece in [1, 2, 7, .max] {
      func read(_ changes: [RecordChanges.Change]) throws -> [Read] {
        try Self.read(Array(text.utf8), options, piece: piece, changes: changes).records
      }
      #expect(try read([.changed, .none, .none, .added]) == [all[0], none, none, all[3]])
      #expect(try read([.none, .removed, .changed, .none]) == [none, all[1], all[2], none])
      // Of records that a file has gained since its changes were found nothing is known.
      #expect(try read([.changed]) == [all[0], none, none, none])
    }
  }

  @Test func `a file that breaks off is not read to its end`() throws {
    let result = try Self.read(Array(#"[{"id": 1}, {"id": 2"#.utf8), Self.options("json"))
    #expect(result.records.map(\.key) == ["1"])
    #expect(result.problem?.contains("unexpected end of file") == true, "\(result.problem ?? "")")
    let xml = try Self.read(Array("<r><p id='1'/><p id='2'>".utf8), Self.options("xml-attributes"))
    #expect(xml.records.map(\.key) == ["1"] && xml.problem?.hasPrefix("line 1: ") == true)
  }

  // MARK: Tables

  @Test func `a table has its columns by name, and empty fields are none`() throws {
    let records = try Self.read("id\tb\tc\r\n1\tx\t\n\n2\tx\n3\t\ty\tz\n", "tsv-with-name-row")
    #expect(records.map(\.key) == ["1", "2", "3"])
    let reordered = try Self.read("c\tid\tb\n\t1\tx\n\t2\tx\ny\t3\n", "tsv-with-name-row")
    #expect(records == reordered)
    #expect(try Self.read("b\tid\n1\t\n2\n", "tsv-with-name-row").map(\.key) == [nil, nil])
    #expect(try Self.read("", "tsv-with-name-row").isEmpty && Self.read("id", "tsv-with-name-row").isEmpty)
  }

  @Test func `separators of several bytes, and duplicate columns`() throws {
    let separator = #", "separator": "||""#
    let records = try Self.read("id||b||id\nx||1|2||7|||8\n", "tsv-with-name-row", separator)
    #expect(records.map(\.key) == ["7"])
    let other = try Self.read("b||id\n1|2||7|\n", "tsv-with-name-row", separator)
    #expect(other.map(\.key) == ["7|"])
  }

  @Test func `bytes of another charset are keys too`() throws {
    let options = Self.options("tsv-with-name-row", #", "charset": "iso-8859-1""#)
    let records = try Self.read(Array("id\n".utf8) + [0x63, 0x61, 0x66, 0xE9], options).records
    #expect(records.map(\.key) == ["caf\u{e9}"])
    let column = try Self.read([0xE9, 10, 0x31], options, key: "\u{e9}")
    #expect(column.records.map(\.key) == ["1"])
  }

  // MARK: XML

  @Test func `children are fields with all that is in them`() throws {
    func content(_ inside: String) throws -> Read {
      try #require(try Self.read("<r><p>\(inside)</p></r>", "xml-text-of-children").first)
    }
    let record = try content("<id>1</id><b>x &amp; y</b>")
    #expect(record.key == "1")
    #expect(try content("\n <b>x &#38; y</b>\n <id a='7'>1</id>") == record)
    for other in [
      "<id>1</id><b>x &amp; z</b>", "<id>1</id><b>x &amp; y</b><b>x &amp; y</b>", "<id>1</id>",
      "<id>1</id><b>x &amp; <i>y</i></b>", "<id>1</id><c>x &amp; y</c>",
    ] { #expect(try content(other).content != record.content, "\(other)") }
    #expect(try content("<b>1</b><b>2</b>") != content("<b>2</b><b>1</b>"))
    #expect(try content("<id><![CDATA[1]]></id>").key == nil)
    #expect(try content("<id><i>2</i>1</id>").key == "1")
    #expect(
      try Self.read("<p><id>1</id></p>", "xml-text-of-children", ", \"singleRecord\": true").map(\.key) == [
        "1"
      ])
  }

  @Test func `attributes are fields by their names with prefix`() throws {
    let text = "<r xmlns:x='u'><p x:id='1' b='é'/><p b='&#233;' x:id='2'>text</p><p id='3'/></r>"
    #expect(try Self.read(text, "xml-attributes", key: "x:id").map(\.key) == ["1", "2", nil])
  }

  // MARK: All

  static let samples: [(String, String)] = [
    (
      "json",
      #"[{"id": "a\u00e9\n", "n": -1.5e3, "o": {"x": [true, null]}}, {"id": 12, "é": "\ud83d\ude00"}]"#
    ),
    ("tsv-with-name-row", "id\té\r\n1\tx y\r\n\n2\t\n3"),
    ("xml-text-of-children", "<r><p><id>1&amp;é</id><b>x<i>y</i></b></p>\n<p><id>2</id></p></r>"),
    ("xml-attributes", "<r><p id='1' b='&lt;é'/><p id='2'/></r>"),
  ]

  @Test(arguments: samples) func `pieces make no difference`(read: String, text: String) throws {
    let whole = try Self.read(text, read)
    #expect(whole.count >= 2 && whole.allSatisfy { $0.key != nil })
    for piece in 1...40 { #expect(try Self.read(text, read, piece: piece) == whole, "pieces of \(piece)") }
  }

  @Test(arguments: samples) func `fields have names`(read: String, text: String) throws {
    let names = try Self.read(Array(text.utf8), Self.options(read)).names
    #expect(names[FieldNames.hash("id".utf8)] == "id")
  }

  @Test(arguments: samples) func `keys alone are the same keys`(read: String, text: String) throws {
    guard var reader = RecordReader(Self.options(read), RecordDemand(key: "id", contents: false)) else {
      preconditionFailure("the server itself reads it")
    }
    var keys: [String?] = []
    Array(text.utf8).withUnsafeBytes { reader.take($0) { batch, _ in keys += batch.records.map(batch.key) } }
    _ = reader.finish { batch, _ in keys += batch.records.map(batch.key) }
    #expect(keys == (try Self.read(text, read)).map(\.key))
  }
}
