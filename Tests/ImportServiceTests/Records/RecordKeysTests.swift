import ImportCore
import Testing

@testable import ImportService

/// The file in which the record keys of a data file are kept.
@Suite struct RecordKeysTests {
  private func collect(_ text: String) throws -> (keys: RecordKeys, findings: ValidationFindings) {
    guard var collector = RecordKeyCollector(RecordReaderTests.options("json"), field: "id") else {
      preconditionFailure("the server itself reads JSON")
    }
    Array(text.utf8).withUnsafeBytes { collector.take($0) }
    return collector.finish()
  }

  @Test func `what is written is read`() throws {
    for keys in [
      RecordKeys(field: "id", hashes: []), RecordKeys(field: "a \"é\"\n", hashes: [0, 1, .max / 3, .max]),
    ] { #expect(try RecordKeys(keys.encoded) == keys) }
  }

  @Test func `every altered or missing byte is found`() {
    let bytes = RecordKeys(field: "id", hashes: [3, 4, 5]).encoded
    for index in bytes.indices {
      var altered = bytes
      altered[index] ^= 1
      #expect(throws: RecordKeys.Failure.self) { try RecordKeys(altered) }
      #expect(throws: RecordKeys.Failure.self) { try RecordKeys(Array(bytes[..<index])) }
    }
    #expect(throws: RecordKeys.Failure.otherFormat) {
      try RecordKeys(Array("haplo-importd record keys 2\n".utf8))
    }
  }

  @Test func `keys are counted once, and records without one or with another's are said`() throws {
    let (keys, findings) = try collect(#"[{"id": 1}, {"id": 2}, {"id": 1}, {"id": ""}, {}, {"id": "1"}]"#)
    #expect(keys.hashes.count == 2 && keys.hashes == keys.hashes.sorted() && keys.field == "id")
    #expect(
      findings.list.map(\.message) == [
        "2 records without a value of the record key 'id'",
        "2 records with a value of the record key 'id' that another one has",
      ])
    #expect(!findings.hasErrors)
    #expect(try collect(#"[{"id": 1}]"#).findings.isEmpty)
  }

  @Test func `keys that another file lacks are counted`() throws {
    func keys(_ numbers: some Sequence<Int>) throws -> RecordKeys {
      try collect("[" + numbers.map { "{\"id\": \($0)}" }.joined(separator: ",") + "]").keys
    }
    let old = try keys(0..<100)
    #expect(try old.missing(in: keys(0..<100)) == 0)
    #expect(try old.missing(in: keys((0..<200).reversed())) == 0)
    #expect(try old.missing(in: keys(10..<200)) == 10)
    #expect(try old.missing(in: keys([])) == 100)
    #expect(try keys([]).missing(in: old) == 0)
  }

  /// Rows: keys of control files, and the name that the file then has.
  @Test(arguments: [
    ("staff", "staff"), ("a/b", "a%2Fb"), ("..", "%2E."), ("a.b", "a.b"), (".a", "%2Ea"), ("é", "%C3%A9"),
    ("\u{7}%", "%07%25"), ("A-Z_9", "A-Z_9"),
  ]) func `any key makes a file name`(key: String, name: String) {
    #expect(RecordKeyFolder.fileName(for: key) == name)
  }

  @Test func `keys that are too long for a file name have one of their own`() {
    let long = String(repeating: "é", count: 100)
    let names = Set([long, long + "a", ""].map(RecordKeyFolder.fileName))
    #expect(names.count == 3 && names.allSatisfy { $0.count == 64 })
  }
}
