import ImportCore
import Testing

/// What makes a set a duplicate of the last one, and what comes of it (`OnDuplicate=`).
@Suite struct DuplicateTests {
  @Test func `the first set has nothing to be compared with`() throws {
    var source = ComparedSource(.skip, shrink: 0)
    #expect(try source.send().event == nil)
  }

  @Test(arguments: [OnDuplicate.import, .skip, .hold])
  func `the same bytes again are imported, skipped or held`(rule: OnDuplicate) throws {
    var source = ComparedSource(rule)
    let first = try source.send().set
    let second = try source.send()
    switch rule {
    case .import: #expect(second.event == nil)
    case .skip: #expect(second.event == .skipped(sameAs: first, mode: .import))
    case .hold:
      guard case .held(let reason) = second.event else { Issue.record("not held"); return }
      #expect(reason.cause == .duplicate && reason.text.contains(first.text))
      #expect(reason.remedy?.contains("retry \(second.set)") == true)
    }
  }

  /// Rows: a set that differs from the sample, and in what.
  @Test(arguments: [
    (Invented.manifest(content: 0xab), "the bytes of a file"),
    (ComparedSource.manifest(["a": 5], control: 0xcc), "a file less"),
    (
      Manifest(control: Invented.file("control.json", 0xcd), files: Invented.manifest().files),
      "the control file"
    ),
    (
      Manifest(
        control: Invented.manifest().control,
        files: zip(["b", "a"], Invented.manifest().files).map { .init(key: $0, content: $1.content) }),
      "the keys"
    ),
  ])
  func `whatever differs makes it no duplicate`(other: Manifest, what: String) throws {
    var source = ComparedSource(.skip)
    _ = try source.send()
    #expect(try source.send(other).event == nil, "\(what)")
  }

  @Test func `names, dates and the order of keys make no difference`() throws {
    var source = ComparedSource(.skip)
    let first = try source.send().set
    var other = Invented.manifest(inode: 99)
    other.files.reverse()
    other.control.file = "other.json"
    other.files[0].content.file = "z.tsv"
    #expect(try source.send(other).event == .skipped(sameAs: first, mode: .import))
  }
}
