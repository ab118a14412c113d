import Glibc
import ImportCore
import ImportRuntime
import Testing

@Suite struct ConfigurationLoaderTests {
  private let scratch = ScratchConfiguration()
  private let minimal = "[Server]\nURL=https://haplo.example.org\n[Source hr]\n"

  @Test func `drop-ins are read in the order of their names, and only those`() throws {
    scratch.write("haplo.conf", minimal + "Mode=import\n")
    scratch.write("haplo.conf.d/50-b.conf", "[Source hr]\nQuietSec=2\n[Source b]\n")
    scratch.write("haplo.conf.d/60-a.conf", "[Source hr]\nQuietSec=3\n")
    scratch.write("haplo.conf.d/9.conf", "[Source hr]\nQuietSec=4\n")
    scratch.write("haplo.conf.d/.hidden.conf", "nonsense")
    scratch.write("haplo.conf.d/99-x.conf.example", "nonsense")
    scratch.write("haplo.conf.d/99-x.conf~", "nonsense")
    let configuration = try scratch.load().get()
    #expect(configuration.sources.map(\.name.text) == ["b", "hr"])
    #expect(configuration.sources[1].quiet == .seconds(4))
    let origin = configuration.values.first { $0.section == "Source hr" && $0.key == "QuietSec" }?.origin
    #expect(origin == .file(path: scratch.main + ".d/9.conf", line: 2))
  }

  @Test func `a missing file is named, with what to do`() {
    #expect(
      scratch.complaint()
        == "cannot open '\(scratch.main)': No such file or directory; write the configuration there,"
        + " or name another file with --config FILE")
  }

  @Test func `a directory and a pipe are refused without waiting`() {
    mkdir(scratch.main, 0o755)
    #expect(scratch.complaint()?.contains("it is a directory, not a regular file") == true)
    scratch.write("other.conf", minimal)
    rmdir(scratch.main)
    mkfifo(scratch.main, 0o600)
    #expect(scratch.complaint()?.contains("it is a named pipe, not a regular file") == true)
  }

  @Test func `a symbolic link is followed`() throws {
    symlink(scratch.write("real.conf", minimal), scratch.main)
    #expect(try scratch.load().get().sources.count == 1)
  }

  @Test func `lines that are not UTF-8 are named`() {
    scratch.write("haplo.conf", bytes: Array("[Server]\n# \u{FC}\n".utf8) + [0xfc, 10, 65, 0xff, 10])
    #expect(
      scratch.complaint()
        == "\(scratch.main):3: error: this line is not UTF-8 text\n\(scratch.main):4: error: this line is not UTF-8 text"
    )
  }

  @Test func `a NUL byte is named`() {
    scratch.write("haplo.conf", minimal + "Comment=a\0b\n")
    #expect(
      scratch.complaint()?.hasPrefix("\(scratch.main):4: error: there is a control character (code 0)")
        == true)
  }

  @Test func `a file that is no configuration for its size is not read`() {
    scratch.write("haplo.conf", String(repeating: "#\n", count: ConfigurationLoader.sizeLimit))
    #expect(scratch.complaint()?.contains("it has more than 1048576 bytes") == true)
  }

  @Test func `one directory by two names is found out`() throws {
    scratch.write("real/keep", "")
    symlink(scratch.path + "/real", scratch.path + "/alias")
    scratch.write(
      "haplo.conf",
      minimal + "Directory=\(scratch.path)/real/drop\n[Source z]\nDirectory=\(scratch.path)/alias/drop\n")
    let complaint = try #require(scratch.complaint())
    #expect(complaint.hasPrefix("\(scratch.main):6: error: Directory=\(scratch.path)/alias/drop (which is"))
  }
}
