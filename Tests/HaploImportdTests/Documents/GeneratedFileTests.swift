import Glibc
import Testing

/// One after the other, because the pages are looked at that were written before.
@Suite(.serialized) struct GeneratedFileTests {
  /// With `HAPLO_WRITE_DOCUMENTS` set, as `make man` does, they are written in place of being compared.
  @Test(arguments: GeneratedFile.all)
  func `it is what its template and the program's tables make`(file: GeneratedFile) throws {
    let made = try file.made()
    if getenv("HAPLO_WRITE_DOCUMENTS") != nil { try ProjectFile.write(made, to: file.path) }
    #expect(try ProjectFile.text(file.path) == made, "run 'make man'")
  }

  @Test(
    .enabled(if: access("/usr/bin/mandoc", X_OK) == 0, "mandoc is not installed"),
    arguments: GeneratedFile.manuals)
  func `mandoc finds no fault with a manual page`(path: String) {
    let lint = BuiltProgram.run(
      ["-T", "lint", "-W", "warning", "\(ProjectFile.root)/\(path)"], program: "/usr/bin/mandoc")
    #expect(lint.status == 0 && lint.output.isEmpty, "\(lint.output)\(lint.errors)")
  }

  @Test(
    .enabled(if: access("/usr/bin/lexgrog", X_OK) == 0, "lexgrog is not installed"),
    arguments: GeneratedFile.manuals)
  func `a manual page is found by apropos`(path: String) {
    let found = BuiltProgram.run(["\(ProjectFile.root)/\(path)"], program: "/usr/bin/lexgrog")
    #expect(found.status == 0 && found.output.contains(" - "), "\(found.output)\(found.errors)")
  }
}
