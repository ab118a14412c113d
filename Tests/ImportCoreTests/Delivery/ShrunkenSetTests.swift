import ImportCore
import Testing

/// What a set with smaller files than the last one comes to (`ShrinkLimit=`).
@Suite struct ShrunkenSetTests {
  /// Rows: a limit, sizes before and now, and whether that is held.
  @Test(arguments: [
    (30, 1000, 700, false), (30, 1000, 699, true), (30, 1000, 1000, false), (30, 1000, 5000, false),
    (0, 1000, 999, true), (0, 1000, 1000, false), (99, 1000, 10, false), (99, 1000, 9, true),
    (30, 0, 0, false), (50, 1, 0, true), (30, Int64.max, 1, true), (30, .max, .max - 1, false),
  ])
  func `a file that has lost more than the limit is held`(limit: Int, old: Int64, new: Int64, isHeld: Bool)
    throws
  {
    var source = ComparedSource(shrink: limit)
    _ = try source.send(ComparedSource.manifest(["a": old, "b": 7]))
    #expect(try (source.send(ComparedSource.manifest(["a": new, "b": 7])).event != nil) == isHeld)
  }

  @Test func `it says which file, by how much, since which set, and what to do`() throws {
    var source = ComparedSource(shrink: 30)
    let first = try source.send(ComparedSource.manifest(["a": 1000, "b": 7])).set
    let second = try source.send(ComparedSource.manifest(["a": 696]))
    guard case .held(let reason) = second.event else { Issue.record("not held"); return }
    #expect(
      reason.text == """
        file 'a' has 696 bytes, 31% less than the 1000 bytes it had
        file 'b' is missing; it had 7 bytes
        compared with set \(first), scheduled at 2026-11-24T07:05:12Z (ShrinkLimit=30%)
        """)
    #expect(reason.cause == .shrunk && reason.remedy?.contains("retry \(second.set)") == true)
  }

  @Test func `a file that is new, and a smaller control file, are fine`() throws {
    var source = ComparedSource(shrink: 10)
    _ = try source.send(ComparedSource.manifest(["a": 100]))
    var other = ComparedSource.manifest(["a": 95, "new": 1])
    other.control.size = 1
    #expect(try source.send(other).event == nil)
  }

  @Test func `a shrunken set that is retried is sent, and the next is measured by it`() throws {
    var source = ComparedSource(shrink: 30)
    _ = try source.send(ComparedSource.manifest(["a": 1000]))
    let small = ComparedSource.manifest(["a": 100])
    let held = try source.send(small).set
    for event in [DeliveryEvent.filed, .retried(by: "ada", importAgain: false), .returned] {
      try source.record(event, held)
    }
    try source.prepare(held, small)
    #expect(try source.objection(to: held) == nil)
    try source.schedule(held)
    #expect(try source.send(ComparedSource.manifest(["a": 90])).event == nil)
    #expect(try source.send(ComparedSource.manifest(["a": 9])).event != nil)
  }

  @Test func `what was let through as a duplicate may still be too small`() throws {
    var source = ComparedSource(.hold, shrink: 30)
    let bytes = ComparedSource.manifest(["a": 100])
    _ = try source.send(bytes)
    let held = try source.send(bytes).set
    _ = try source.send(ComparedSource.manifest(["a": 1000]))
    for event in [DeliveryEvent.filed, .retried(by: "ada", importAgain: false), .returned] {
      try source.record(event, held)
    }
    try source.prepare(held, bytes)
    guard case .held(let reason) = try source.objection(to: held) else { Issue.record("not held"); return }
    #expect(reason.cause == .shrunk)
  }

  @Test func `a smaller file is one at any server`() throws {
    var source = ComparedSource(shrink: 30)
    _ = try source.send(ComparedSource.manifest(["a": 1000]))
    source.server = "https://new.example.ac.uk"
    #expect(try source.send(ComparedSource.manifest(["a": 100])).event != nil)
  }
}
