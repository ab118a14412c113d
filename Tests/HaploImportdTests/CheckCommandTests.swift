import Glibc
import Testing

/// Runs the program on sets in a directory of its own, whose path is written `D` in what is expected.
@Suite final class CheckCommandTests {
  private let directory: String

  init() throws {
    var template = Array("/tmp/haplo-check-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.removeAll(directory) }

  private static func removeAll(_ path: String) {
    if let stream = opendir(path) {
      while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { removeAll("\(path)/\(name)") }
      }
      closedir(stream)
    }
    remove(path)
  }

  private func write(_ name: String, _ bytes: [UInt8]) {
    let parts = name.split(separator: "/")
    for count in 1..<max(parts.count, 1) {
      mkdir("\(directory)/\(parts[..<count].joined(separator: "/"))", 0o755)
    }
    let number = creat("\(directory)/\(name)", 0o644)
    precondition(number >= 0 && Glibc.write(number, bytes, bytes.count) == bytes.count)
    close(number)
  }

  private func write(_ name: String, _ text: String) { write(name, Array(text.utf8)) }

  private func control(_ files: String, _ instructions: String = "") -> String {
    "{\"dataImportControlFileVersion\": 0, \"model\": \"m\",\n \"files\": {\(files)},\n \"instructions\": [\(instructions)]}"
  }

  private func check(_ arguments: [String]) -> BuiltProgram.Run {
    let run = BuiltProgram.run(["check"] + arguments.map { $0.replacing("D/", with: "\(directory)/") })
    return BuiltProgram.Run(
      status: run.status, output: run.output.replacing(directory, with: "D"),
      errors: run.errors.replacing(directory, with: "D"))
  }

  @Test(arguments: [["--instance", "no-such-instance"], ["--config", "/tmp/no-such-file.conf"]])
  func `a configuration that is named must be there`(option: [String]) {
    write("control.json", "{}")
    let run = BuiltProgram.run(["check"] + option + [directory])
    #expect(run.status == 78 && run.output.isEmpty, "\(run)")
  }

  @Test func `a good set prints nothing and ends 0, as a folder, by its control file, and file by file`() {
    write("set/control.json", control(#""staff": {"read": "json"}, "t": {"read": "tsv-with-name-row"}"#))
    write("set/staff.json", #"[{"a": 1}]"#)
    write("set/t.tsv", "a\tb\n1\t2")
    for path in ["D/set", "D/set/", "D/set/control.json", "D/set/staff.json", "D/set/t.tsv"] {
      let run = check([path])
      #expect(run.status == 0 && run.output.isEmpty && run.errors.isEmpty, "\(path): \(run)")
    }
  }

  @Test func `the folder of a stored set is said to have the set's files in it`() {
    write("stored/files/control.json", control(#""j": {"read": "json"}"#))
    write("stored/REASON.txt", "x")
    let run = check(["D/stored"])
    #expect(run.status == 65)
    #expect(
      run.output
        == "D/stored:1:1: error: no set: there is no control.json in it; the files of this stored set are in 'D/stored/files'\n"
    )
    write("other/x", "x")
    #expect(check(["D/other"]).output == "D/other:1:1: error: no set: there is no control.json in it\n")
  }

  @Test(arguments: [
    ("jsn", "; did you mean 'json'?"), ("tsv", "; did you mean 'tsv-with-name-row'?"), ("csv", "."),
  ])
  func `an unknown reader may be a plugin's or misspelt`(reader: String, hint: String) {
    write("set/control.json", control(#""j": {"read": "\#(reader)"}"#))
    write("set/j", "x")
    let run = check(["D/set"])
    #expect(run.status == 0)
    #expect(
      run.output.hasSuffix(
        "warning: unknown reader '\(reader)'\(hint) If a plugin of your server provides it, ignore this; the file is "
          + "not examined\n"), "\(run.output)")
  }

  @Test func `everything that is wrong is said with its place, and ends 65`() {
    write(
      "set/control.json",
      control(
        #""j": {"read": "json"}, "x": {"read": "xml-attributes"}, "t": {"read": "tsv-with-name-row"}, "gone": {"read": "json"}"#
      ))
    write("set/j.json", "[{\"a\": 1},\n {\"a\": 2,}]")
    write("set/x.xml", "<r>\n <a></b>\n</r>")
    write("set/t.tsv", "a\tb\n1\t2\t3\n")
    write("set/note.txt", "x")
    write("set/.DS_Store", "litter is not mentioned")
    write("set/SHA256SUMS", String(repeating: "0", count: 64) + "  j.json\n")
    let run = check(["D/set"])
    #expect(run.status == 65)
    #expect(run.errors.isEmpty)
    #expect(
      run.output == """
        D/set/control.json:2:104: error: data file missing: control.json names 'gone', and there is no file 'gone' or 'gone.*'
        D/set/j.json:2:10: error: expected a quoted key, found '}' (trailing comma?)
        D/set/x.xml:2:5: error: Opening and ending tag mismatch: a line 2 and b
        D/set/t.tsv:2:5: error: this row has 3 fields, but only 2 columns have a name; the server ignores the rest
        D/set/t.tsv:2:6: warning: the newline at the end makes one more record, which is empty
        D/set/SHA256SUMS:1:1: error: 'j.json' has another SHA-256
        D/set/note.txt:1:1: warning: the control file does not name it, so it is not sent

        """)
  }

  @Test func `warnings alone end 0; names that no record has are among them`() {
    write(
      "set/control.json",
      control(
        #""j": {"read": "json"}, "p": {"read": "plugin"}, "x": {"read": "xml-text-of-children"}"#,
        #"{"source": "a", "destination": "d", "name": "n"}, {"source": "b", "destination": "d", "name": "n"}"#
      ))
    write("set/j.json", #"[{"c": 1}]"#)
    write("set/p", "x")
    write("set/x.xml", "<r><p><a/></p></r>")
    #expect(
      check(["D/set"]).output
        == "D/set/control.json:2:49: warning: unknown reader 'plugin'. If a plugin of your server provides it, ignore "
        + "this; the file is not examined\n"
    )
    write(
      "set/control.json",
      control(
        #""j": {"read": "json"}, "x": {"read": "xml-text-of-children"}"#,
        #"{"source": "a", "destination": "d", "name": "n"}, {"source": "b", "destination": "d", "name": "n"}"#
      ))
    let run = check(["D/set/control.json"])
    #expect(run.status == 0)
    #expect(run.output == "D/set/control.json:3:80: warning: no record has the field 'b'\n")
  }

  @Test(arguments: [
    ("{\"files\": {}}", "1:1: error: Not a control file: it has no dataImportControlFileVersion"),
    ("[]", "1:1: error: Not a control file: it is an array, not an object"),
    ("{", "1:2: error: unexpected end of file, expected a quoted key"),
    ("\u{FEFF}{}", "1:1: error: the file begins with a byte order mark (BOM); the server does not read it"),
  ])
  func `a bad control file ends 65`(text: String, finding: String) {
    write("control.json", text)
    let run = check(["D/control.json"])
    #expect(run.status == 65)
    #expect(run.output.split(separator: "\n").first == "D/control.json:\(finding)")
  }

  @Test func `a charset that cannot be is an error, wrong bytes too`() {
    write("control.json", control(#""t": {"read": "tsv-with-name-row", "charset": "utf 8"}"#))
    write("t.tsv", "a")
    #expect(
      check(["D/control.json"]).output
        == "D/control.json:2:58: error: the server has no charset of this name\n")
    write("control.json", control(#""t": {"read": "tsv-with-name-row"}"#))
    write("t.tsv", [0x61, 10, 0xE9, 0x20])
    #expect(check(["D/t.tsv"]).output == "D/t.tsv:2:1: error: the text is not UTF-8\n")
  }

  @Test func `a single file is read as its name suggests when nobody names it`() {
    write("a.json", "[{}")
    write("b.bin", "x")
    let run = check(["D/a.json", "D/b.bin"])
    #expect(run.status == 65)
    #expect(
      run.output == """
        D/a.json:1:4: error: unexpected end of file, expected ',' or ']'
        D/b.bin:1:1: warning: not examined: no control file beside it names it, and its own name does not tell its form

        """)
  }

  @Test(arguments: ["{}", "[1]"])
  func `a data file that no control file names has a warning, also if nothing else is wrong`(text: String) {
    write("z.json", text)
    let run = check(["D/z.json"])
    #expect(run.status == 0)
    #expect(
      run.output.hasPrefix(
        "D/z.json:1:1: warning: no control file beside it names it: examined as a data file"),
      "\(run.output)")
    write("control.json", control(#""z": {"read": "json"}"#))
    #expect(!check(["D/z.json"]).output.contains("warning: no control file"))
  }

  @Test func `what is not there ends 66, and the rest is examined`() {
    write("a.json", "[{}")
    let run = check(["D/none", "D/a.json"])
    #expect(run.status == 66)
    #expect(run.errors == "haplo-importd: there is no 'D/none'\n")
    #expect(run.output == "D/a.json:1:4: error: unexpected end of file, expected ',' or ']'\n")
    #expect(check([]).status == 64)
  }

  @Test func `with --json, each finding is an object on a line`() {
    write("a.json", "[\n{\"\\q\": 1}]")
    let run = check(["--json", "D/a.json"])
    #expect(run.status == 65)
    #expect(
      run.output
        == #"{"column":3,"line":2,"message":"unknown escape in a string","path":"D/a.json","severity":"error"}"#
        + "\n")
  }

  @Test func `a source's settings are used in its drop directory and where it is named`() {
    write("key", "abcdefghijklmnopqrstuvwxyz")
    write(
      "c.conf",
      "[Server]\nURL=https://h.example\nReaderLimit=10\n[Source hr]\nDirectory=\(directory)/drop\nFile.data0=data.json\n"
    )
    for set in ["drop/set", "other"] {
      write("\(set)/control.json", control(#""data0": {"read": "json"}"#))
      write("\(set)/data.json", #"[{"a": 1}]"#)
    }
    #expect(check(["--config", "D/c.conf", "D/drop/set"]).status == 0)
    #expect(check(["--config", "D/c.conf", "D/other"]).status == 65)
    #expect(check(["--config", "D/c.conf", "--source", "hr", "D/other"]).status == 0)
    #expect(check(["--config", "D/c.conf", "--source", "hx", "D/other"]).status == 66)
    #expect(check(["--config", "D/none.conf", "D/other"]).status == 78)
    write("drop/set/data.json", #"[{"a": 11}]"#)
    #expect(
      check(["--config", "D/c.conf", "D/drop/set"]).output
        == "D/drop/set/data.json:1:1: error: the file has 11 bytes; the server's reader fails beyond 10 (ReaderLimit=)\n"
    )
  }

  @Test func `the memory does not grow with the file`() throws {
    let path = "\(directory)/large.xml"
    let number = creat(path, 0o644)
    let row = Array("<person><id>4711</id><name>Núria &amp; Jørn</name></person>\n".utf8)
    let block = Array(Array(repeating: row, count: 1 << 14).joined())
    #expect(Glibc.write(number, "<rows>", 6) == 6)
    for _ in 0..<256 { #expect(Glibc.write(number, block, block.count) == block.count) }
    #expect(Glibc.write(number, "</rows>", 7) == 7)
    close(number)
    #expect(check(["D/large.xml"]).status == 0)
    // The file has more than 240,000 KiB.
    let peak = try #require(BuiltProgram.peak(["check", path]))
    #expect(peak < 60_000, "\(peak) KiB")
  }

  @Test func `a file with a finding in each of ten million records costs no memory`()
    throws
  {
    let path = "\(directory)/numbers.json"
    let number = creat(path, 0o644)
    let block = Array(Array(repeating: Array("1,".utf8), count: 1 << 19).joined())
    #expect(Glibc.write(number, "[", 1) == 1)
    for _ in 0..<20 { #expect(Glibc.write(number, block, block.count) == block.count) }
    #expect(Glibc.write(number, "1]", 2) == 2)
    close(number)
    write("control.json", control(#""numbers": {"read": "json"}"#))
    let run = check(["D/numbers.json"])
    #expect(run.status == 65)
    #expect(run.output.split(separator: "\n").count <= 22)
    let peak = try #require(BuiltProgram.peak(["check", path]))
    #expect(peak < 60_000, "\(peak) KiB")
  }
}
