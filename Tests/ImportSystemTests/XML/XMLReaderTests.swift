import Glibc
import ImportSystem
import Testing

@Suite struct XMLReaderTests {
  private func check(_ bytes: [UInt8], pieces size: Int = .max) -> XMLReader.Problem? {
    var reader = XMLReader(fields: .children, singleRecord: false)
    var rest = bytes[...]
    while !rest.isEmpty {
      rest.prefix(size).withUnsafeBytes { unsafe reader.take($0) }
      rest = rest.dropFirst(size)
    }
    return reader.finish()
  }

  @Test(arguments: [
    "<a/>", "<?xml version=\"1.0\"?>\n<a><b x='1'>é&amp;&#233;</b><!-- c --><![CDATA[<]]></a>\n",
    "\u{FEFF}<a/>", "<n:a xmlns:n='urn:x'><n:b/></n:a>",
    "<!DOCTYPE a [<!ENTITY uni 'University'>]><a t='&uni;'>&uni;</a>",
    "<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/x.dtd'><a>&unknown;</a>",
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
  ])
  func `what is not well-formed is named with its line`(text: String, line: Int, words: String) throws {
    for size in [1, 5, Int.max] {
      let problem = try #require(check(Array(text.utf8), pieces: size), "\(text)")
      #expect(problem.line == line, "\(problem)")
      #expect(problem.message.contains(words), "\(problem)")
      #expect(!problem.isLimit)
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
    #expect(check(Array(text.utf8)) == nil)
    #expect(clock() - before < CLOCKS_PER_SEC)
  }

  @Test(arguments: ["SYSTEM 'file:///dev/zero'", "SYSTEM 'http://127.0.0.1:1/x'", "PUBLIC 'x' '/dev/zero'"])
  func `nothing outside the file is read`(where: String) {
    // Reading /dev/zero would never end.
    #expect(check(Array("<!DOCTYPE a [<!ENTITY e \(`where`)>]><a>&e;</a>".utf8)) == nil)
    #expect(check(Array("<!DOCTYPE a [<!ENTITY % p \(`where`)> %p;]><a/>".utf8)) == nil)
    #expect(check(Array("<!DOCTYPE a \(`where`)><a/>".utf8)) == nil)
  }

  @Test func `more than libxml2 reads is a limit, not a fault`() throws {
    let deep = String(repeating: "<a>", count: 5000) + String(repeating: "</a>", count: 5000)
    let problem = try #require(check(Array(deep.utf8)))
    #expect(problem.isLimit)
    #expect(problem.message == "nested deeper than 4096")
  }

  @Test(arguments: [
    (XMLReader.Fields.children, false, [false, true, false]), (.children, true, [true, false, false]),
    (.attributes, false, [false, false, true]), (.attributes, true, [false, true, false]),
  ])
  func `fields are looked for where the reader has them`(
    fields: XMLReader.Fields, singleRecord: Bool, seen: [Bool]
  ) {
    var reader = XMLReader(fields: fields, singleRecord: singleRecord, names: ["r", "f", "g"])
    let text = Array("<x f='1'><r g='1'><n:f xmlns:n='urn:n'><q/></n:f></r><r/></x>".utf8)
    text.withUnsafeBytes { unsafe reader.take($0) }
    #expect(reader.finish() == nil)
    #expect(reader.seen == seen)
  }
}
