import FoundationEssentials
import FuzzTargets
import Testing

/// The corpora that are kept, without libFuzzer: what was found once must not come back.
@Suite struct CorpusTests {
  private static let corpora =
    #filePath.split(separator: "/").dropLast(2).map { "/\($0)" }.joined() + "/corpus"

  @Test(arguments: FuzzTarget.all.map(\.name)) func `what must hold holds for every kept input`(name: String)
    throws
  {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    let folder = "\(Self.corpora)/\(name)"
    let inputs = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(inputs.count >= 3)
    for input in inputs {
      let bytes = try #require(FileManager.default.contents(atPath: "\(folder)/\(input)")).map { $0 }
      do throws(BrokenProperty) {
        try target.check(bytes)
        // Cut anywhere it is another input, which nobody has written either.
        for length in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 64)) {
          try target.check(Array(bytes[..<length]))
        }
      } catch {
        Issue.record("\(name)/\(input): \(error)")
      }
    }
  }
}
