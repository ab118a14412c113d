import ImportCore
import ImportService
import Testing

@Suite struct ReferencedFilesTests {
  @Test func `a file that is not there is named with its line, one that is there is not`() throws {
    let scratch = ScratchConfiguration()
    let there = scratch.write("control.json", "{}")
    scratch.write(
      "haplo.conf",
      "[Server]\nURL=https://h\nCAFile=\(scratch.path)/ca.pem\n[Source a]\nControlFile=\(there)\n[Source b]\n"
    )
    let configuration = try scratch.load().get()
    #expect(
      ReferencedFiles.warnings(configuration).map(\.description) == [
        "\(scratch.main):3: warning: CAFile=: cannot open '\(scratch.path)/ca.pem': No such file or directory"
      ])
  }
}
