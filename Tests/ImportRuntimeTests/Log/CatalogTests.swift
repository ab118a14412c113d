import ImportRuntime
import ImportSystem
import Testing

/// `journalctl -x` finds an entry's explanation by its MESSAGE_ID, and nobody notices when there is none.
@Suite struct CatalogTests {
  private static let path =
    #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined()
    + "/systemd/catalog/haplo-importd.catalog"

  @Test(arguments: LogKind.allCases)
  func `every kind of event is explained in the catalog, once`(kind: LogKind) throws {
    let bytes = try FileSystem().openFile(Self.path).readAll(atMost: 1 << 20)
    let lines = String(decoding: bytes, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    let starts = lines.indices.filter { lines[$0] == "-- \(kind.rawValue)" }
    let start = try #require(starts.first)
    #expect(starts.count == 1)
    let entry = lines[(start + 1)...].prefix { !$0.hasPrefix("-- ") }
    #expect(entry.first?.hasPrefix("Subject: ") == true)
    #expect(entry.contains("Defined-By: haplo-importd"))
    #expect(entry.drop { !$0.isEmpty }.contains { !$0.isEmpty })
  }
}
