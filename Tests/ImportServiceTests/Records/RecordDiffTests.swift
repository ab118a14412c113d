import FoundationEssentials
import ImportCore
import ImportSystem
import Testing

@testable import ImportService

/// Comparing the records of two files.
@Suite struct RecordDiffTests {
  private let place = Place()

  private func file(_ name: String, _ text: String, _ read: String = "json") -> ComparedFile {
    place.write(text, to: "\(place.root)/\(name)")
    return ComparedFile(
      path: "\(place.root)/\(name)", options: RecordReaderTests.options(read), fileSystem: FileSystem())
  }

  private func diff(
    _ old: String?, _ new: String?, key: String? = "id", _ read: String = "json",
    mostFields: Int = RecordDiff.mostFields
  ) async throws -> (counts: RecordDiff.Counts, changes: [RecordDiff.Change]) {
    let diff = RecordDiff(
      old: old.map { file("old", $0, read) }, new: new.map { file("new", $0, read) }, key: key)
    var changes: [RecordDiff.Change] = []
    var counted: RecordDiff.Counts?
    let counts = try await diff.run(
      mostFields: mostFields, counted: { counted = $0 }, found: { changes.append($0) })
    #expect(counted == counts)
    return (counts, changes)
  }

  @Test func `with keys, records are added, removed and changed, with the fields that changed`() async throws
  {
    let (counts, changes) = try await diff(
      #"[{"id": 1, "a": "x", "b": 1}, {"id": 2, "a": "x"}, {"id": 3, "a": "x"}, {"id": 4}]"#,
      #"[{"id": 4}, {"id": 3, "a": "y", "c": 2}, {"b": 1.0, "a": "x", "id": "1"}, {"id": 5}]"#)
    #expect(counts == RecordDiff.Counts(before: 4, now: 4, removed: 1, added: 1, changed: 2))
    #expect(
      changes == [
        .init(kind: .removed, record: "2", fields: []),
        .init(kind: .changed, record: "3", fields: ["a", "c"]),
        .init(kind: .changed, record: "1", fields: ["id"]), .init(kind: .added, record: "5", fields: []),
      ])
  }

  @Test func `a field that only the earlier record has is named`() async throws {
    #expect(
      try await diff(#"[{"id": 1, "a": 1, "b": 2}]"#, #"[{"id": 1, "b": 2}]"#).changes.map(\.fields) == [
        ["a"]
      ])
  }

  @Test func `without keys, equal records are paired one by one, whatever their order`() async throws {
    let (counts, changes) = try await diff(#"[1, {"a": 1}, 1, 2]"#, #"[2, 1, {"a": 2}, 2]"#, key: nil)
    #expect(counts == RecordDiff.Counts(before: 4, now: 4, removed: 2, added: 2))
    #expect(changes.filter { $0.kind == .removed }.map(\.record).sorted() == ["2", "3"])
    #expect(changes.filter { $0.kind == .added }.map(\.record).sorted() == ["3", "4"])
  }

  @Test func `of records with the same key the last one counts, and records without one are not compared`()
    async throws
  {
    let (counts, changes) = try await diff(
      #"[{"id": 1, "a": 1}, {"id": 1, "a": 2}, {"a": 1}]"#,
      #"[{"id": 1, "a": 3}, {"a": 7}, {"id": 1, "a": 2}]"#)
    #expect(counts == RecordDiff.Counts(before: 3, now: 3, withoutKey: 2, repeated: 2))
    #expect(changes.isEmpty)
  }

  @Test func `a set without the file has no records`() async throws {
    #expect(try await diff(nil, #"[{"id": 1}]"#).counts == RecordDiff.Counts(now: 1, added: 1))
    #expect(try await diff(#"[{"id": 1}]"#, nil).counts == RecordDiff.Counts(before: 1, removed: 1))
    #expect(try await diff("[]", "[]").changes.isEmpty)
  }

  @Test(arguments: [1, 2, 5, 1000])
  func `fields of changed records are compared in parts of any size`(mostFields: Int) async throws {
    func text(_ ids: some Sequence<Int>, _ value: Int) -> String {
      "[" + ids.map { "{\"id\": \($0), \"f\($0 % 7)\": \(value)}" }.joined(separator: ", ") + "]"
    }
    let (counts, changes) = try await diff(
      text(0..<50, 1), text((0..<50).reversed(), 2), mostFields: mostFields)
    #expect(counts.changed == 50 && changes.count == 50)
    #expect(changes.allSatisfy { change in change.fields == ["f\(Int(change.record)! % 7)"] })
    #expect(Set(changes.map(\.record)).count == 50)
  }

  @Test(arguments: [
    ("json", "[{\"id\": 1}, {]", "line 1"), ("xml-attributes", "<r><p id='1'/>", "line 1"),
  ]) func `a file that breaks off is said, not compared`(read: String, text: String, words: String)
    async throws
  {
    let error = try await #require(throws: RecordDiff.Failure.self) { try await diff(text, text, read) }
    #expect("\(error)".contains("\(place.root)/old: "), "\(error)")
  }

  @Test func `a file of a plugin is not compared, and one that is gone is an error`() async throws {
    await #expect(throws: RecordDiff.Failure.self) { try await diff("x", "x", "our:reader") }
    let gone = ComparedFile(
      path: "\(place.root)/none", options: RecordReaderTests.options("json"), fileSystem: FileSystem())
    let error = try await #require(throws: SystemError.self) {
      try await RecordDiff(old: nil, new: gone, key: nil).run(found: { _ in })
    }
    #expect(error.isMissing)
  }
}
