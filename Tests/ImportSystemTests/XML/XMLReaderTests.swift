import Glibc
import ImportSystem
import Testing

@Suite struct XMLReaderTests {
  private func read(
    _ bytes: [UInt8], pieces size: Int = .max, _ fields: XMLReader.Fields = .children, names: [String]? = []
  ) -> (problems: [XMLReader.Problem], records: Int, isWhole: Bool) {
    var reader = XMLReader(fields: fields, singleRecord: false, names: names)
    var rest = bytes[...]
    while !rest.isEmpty {
      rest.prefix(size).withUnsafeBytes { unsafe reader.take($0) }
      rest = rest.dropFirst(size)
    }
    reader.finish()
    return (reader.problems, reader.records, reader.isWhole)
  }

  private func check(_ bytes: [UInt8], pieces size: Int = .max) -> XMLReader.Problem? {
    read(bytes, pieces: size).problems.first
  }

  /// Each problem as `LINE:COLUMN severity message`.
  private func lines(_ text: String, pieces size: Int = .max, names: [String]? = []) -> [String] {
    read(Array(text.utf8), pieces: size, names: names).problems.map {
      "\($0.line):\($0.column) \($0.isWarning ? "warning" : "error") \($0.message)"
    }
  }

  @Test(arguments: [
    "<a/>", "<?xml version=\"1.0\"?>\n<a><b x='1'>é&amp;&#233;</b><!-- c --><![CDATA[<]]></a>\n",
    "\u{FEFF}<a/>", "<n:a xmlns:n='urn:x'><n:b/></n:a>",
  ])
  func `a well-formed file has no problem`(text: String) {
    for size in [1, 5, Int.max] { #expect(check(Array(text.utf8), pieces: size) == nil) }
  }

  @Test(arguments: [
    ("", 1, "has no element"), ("x", 1, "has no element"), ("<a>\n<b>\n</a>", 3, "tag mismatch"),
    ("<a>\n", 2, "ends inside an element"), ("<a/>\n<b/>", 2, "Extra content"),
    ("<a>\n&nbsp;</a>", 2, "not defined"),
    ("<a\nx=1/>", 2, "\" or ' expected"), ("<a>\n<p:b/></a>", 2, "Namespace prefix p"),
    ("<a>\n\u{1}</a>", 2, "invalid"), ("<a x='1' x='2'/>", 1, "redefined"),
    ("<doc>\n<![CDATA [a]]></doc>", 2, "invalid"),
  ])
  func `what is not well-formed is named with its line`(text: String, line: Int, words: String) throws {
    for size in [1, 5, Int.max] {
      let problem = try #require(check(Array(text.utf8), pieces: size), "\(text)")
      #expect(problem.line == line, "\(problem)")
      #expect(problem.message.contains(words), "\(problem)")
      #expect(!problem.isWarning)
    }
  }

  @Test func `columns are counted in bytes`() throws {
    let problem = try #require(check(Array("<a>\n  <é>ü</b>\n</a>".utf8)))
    // Where the end tag begins that does not fit.
    #expect(problem.line == 2)
    #expect(problem.column == 9)
  }

  @Test func `bytes in another encoding than the declared one are a problem`() throws {
    let latin = Array("<?xml version='1.0' encoding='ENCODING'?><a>caf".utf8) + [0xE9] + Array("</a>".utf8)
    func declared(_ name: String) -> [UInt8] {
      Array(String(decoding: latin[..<40], as: UTF8.self).replacing("ENCODING", with: name).utf8)
        + latin[40...]
    }
    #expect(check(declared("windows-1252")) == nil)
    #expect(check(declared("iso-8859-1")) == nil)
    #expect(try #require(check(declared("utf-8"))).message.contains("not proper UTF-8"))
  }

  @Test func `entities of entities are not expanded`() {
    let levels = (1...30).map { "<!ENTITY e\($0) '\(String(repeating: "&e\($0 - 1);", count: 10))'>" }
      .joined()
    let text = "<!DOCTYPE a [<!ENTITY e0 'lol'>\(levels)]><a x='&e30;'>&e30;</a>"
    let before = clock()
    #expect(lines(text) == [Self.doctype])
    #expect(clock() - before < CLOCKS_PER_SEC)
  }

  @Test(arguments: ["SYSTEM 'file:///dev/zero'", "SYSTEM 'http://127.0.0.1:1/x'", "PUBLIC 'x' '/dev/zero'"])
  func `nothing outside the file is read`(where: String) {
    // Reading /dev/zero would never end.
    #expect(lines("<!DOCTYPE a [<!ENTITY e \(`where`)>]><a>&e;</a>") == [Self.doctype])
    #expect(lines("<!DOCTYPE a [<!ENTITY % p \(`where`)> %p;]><a/>") == [Self.doctype])
    #expect(lines("<!DOCTYPE a \(`where`)><a/>") == [Self.doctype])
  }

  private static let doctype =
    "1:1 error a DOCTYPE before the root element makes the server read no record; remove it"

  @Test(arguments: [
    ("<!-- c --><a/>", "1:1 error a comment before"),
    ("<?xml version='1.0'?>\n<!-- c --><a/>", "2:1 error a comment before"),
    ("<?xml-stylesheet href='x'?><a/>", "1:1 error a processing instruction before"),
    ("<?xml version='1.0'?>\n <?p?>\n<!-- x --><a/>", "2:2 error a processing instruction before"),
    (
      "<!DOCTYPE a [<!ENTITY uni 'U'><!-- don't --><?p x?>]><a t='&uni;'>&uni;</a>",
      "1:1 error a DOCTYPE before"
    ),
    ("<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/x.dtd'><a>&unknown;</a>", "1:1 error a DOCTYPE before"),
    ("<?xml version='1.1'?><!-- c --><a/>", "1:22 error a comment before"),
  ])
  func `what stands before the root element makes the server read nothing`(text: String, line: String) {
    for size in [1, 5, Int.max] {
      let found = lines(text, pieces: size).filter { $0.contains("error") }
      #expect(found.count == 1 && found.first?.hasPrefix(line) == true, "\(found)")
    }
    var wide: [UInt8] = [0xFF, 0xFE]
    for unit in text.utf16 { wide += [UInt8(truncatingIfNeeded: unit), UInt8(unit >> 8)] }
    #expect(read(wide).problems.contains { $0.message.contains("before the root element") })
  }

  @Test(arguments: [
    "<a/><!-- after -->", "<?xml version='1.0' encoding='UTF-8'?><a><!-- in --><?p x?></a>",
    "\u{FEFF}<?xml version='1.0'?><a/>",
    "<a x='<!-- no -->' y=\"<?no?>\"/>".replacing("<", with: "&lt;").replacing("&lt;a", with: "<a"),
  ])
  func `comments elsewhere are no problem`(text: String) {
    for size in [1, 5, Int.max] { #expect(lines(text, pieces: size) == []) }
  }

  @Test
  func `CDATA in a used field is an error at its place, in others none, and a warning where nobody knows`() {
    let text =
      "<r><p>\n <id><![CDATA[x]]></id><note><![CDATA[y]]></note></p><p><id><![CDATA[ ]]></id></p></r>"
    let message = "the server reads no CDATA section, so this field is empty; write it as text"
    for size in [1, 7, Int.max] {
      #expect(lines(text, pieces: size, names: ["id", "x"]) == ["2:6 error \(message)"])
      #expect(lines(text, pieces: size, names: ["x"]) == [])
      #expect(
        lines(text, pieces: size, names: nil).map { String($0.prefix(11)) } == ["2:6 warning", "2:30 warnin"])
    }
    #expect(read(Array(text.utf8), .attributes, names: ["id"]).problems == [])
  }

  @Test func `of many CDATA sections twenty are kept`() {
    let rows = String(repeating: "<p><id><![CDATA[x]]></id></p>", count: 50)
    var reader = XMLReader(fields: .children, singleRecord: false, names: ["id"])
    Array("<r>\(rows)</r>".utf8).withUnsafeBytes { unsafe reader.take($0) }
    reader.finish()
    #expect(reader.problems.count == 20)
    #expect(reader.dropped == 30)
  }

  @Test func `XML 1_1 is a warning, and any other version an error`() {
    for size in [1, Int.max] {
      #expect(
        lines("<?xml version='1.1'?><a>&#12;</a>", pieces: size) == [
          "1:1 warning XML 1.1: only its markup is examined"
        ])
      #expect(
        lines("<?xml version=\"2.0\"?><a/>", pieces: size) == [
          "1:1 error the server reads XML 1.0 and 1.1 only"
        ])
    }
  }

  private func nested(_ depth: Int) -> String {
    String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
  }

  private func attributes(_ count: Int) -> String {
    "<r><p \((0..<count).map { "a\($0)='='" }.joined(separator: " "))/></r>"
  }

  @Test func `the server's limits are errors, exactly one beyond each`() {
    #expect(lines(nested(4096)) == [])
    #expect(
      lines(nested(4097)) == ["1:12289 error nested deeper than 4096, which kills the server's import worker"]
    )
    #expect(lines(String(repeating: "<a/>", count: 5000)).first?.contains("Extra content") == true)
    #expect(lines(attributes(10_000)) == [])
    let many = lines(attributes(10_001))
    #expect(many == ["1:4 error more than 10000 attributes on an element, which the server's parser refuses"])
    let name = String(repeating: "é", count: 1000)
    #expect(lines("<r><\(name)/></r>") == [])
    #expect(lines("<r><\(name)é/></r>").first?.contains("more than 1000 characters") == true)
    #expect(lines("<r><p \(name)é='1'/></r>").first?.contains("more than 1000 characters") == true)
  }

  @Test func `600,000 attributes of one element end the file at once`() {
    let text = Array(attributes(600_000).utf8)
    let before = clock()
    #expect(check(text)?.message.hasPrefix("more than 10000 attributes") == true)
    #expect(clock() - before < 2 * CLOCKS_PER_SEC)
  }

  @Test func `namespaces of many open elements are limited`() {
    let open = (0..<30).map { level in
      "<a \((0..<100).map { "xmlns:n\(level)x\($0)='u'" }.joined(separator: " "))>"
    }.joined()
    let found = lines(open + String(repeating: "</a>", count: 30))
    #expect(found.count == 1)
    #expect(found.first?.contains("warning not examined from here: more than 2048 namespaces") == true)
  }

  @Test(arguments: [
    (XMLReader.Fields.children, false, [false, true, false, false], 2),
    (.children, true, [true, false, false, false], 1),
    (.attributes, false, [false, false, true, false], 2), (.attributes, true, [false, true, false, true], 1),
  ])
  func `fields and records are found where the reader has them`(
    fields: XMLReader.Fields, singleRecord: Bool, seen: [Bool], records: Int
  ) {
    var reader = XMLReader(fields: fields, singleRecord: singleRecord, names: ["r", "f", "g", "n:id"])
    let text = Array("<x f='1' xmlns:n='urn:n' n:id='2'><r g='1' id='3'><n:f><q/></n:f></r><r/></x>".utf8)
    text.withUnsafeBytes { unsafe reader.take($0) }
    reader.finish()
    #expect(reader.problems == [])
    #expect(reader.seen == seen)
    #expect(reader.records == records)
  }
}
