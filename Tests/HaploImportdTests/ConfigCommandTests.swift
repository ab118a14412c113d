import Glibc
import Testing

@Suite struct ConfigCommandTests {
  private let directory: String
  private var main: String { directory + "/haplo.conf" }
  private var key: String { directory + "/key" }

  init() throws {
    var template = Array("/tmp/haplo-command-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    write(key, "abcdefghijklmnopqrstuvwxyz", mode: 0o600)
  }

  private func write(_ path: String, _ text: String, mode: mode_t = 0o644) {
    let number = creat(path, mode)
    precondition(number >= 0 && Glibc.write(number, text, text.utf8.count) == text.utf8.count)
    close(number)
  }

  /// Runs `config` on a configuration, and removes all again.
  private func config(_ text: String?, _ options: [String] = [], environment: [String] = [])
    -> BuiltProgram.Run
  {
    if let text { write(main, text) }
    defer { for path in [main, key] { unlink(path) } }
    defer { rmdir(directory) }
    return BuiltProgram.run(["--config", main, "config"] + options, environment: environment)
  }

  private var good: String {
    "[Server]\nURL=https://h.example\nAPIKeyFile=\(key)\n[Source hr]\nMode=import\n"
  }

  @Test func `what is in force is printed with its origin`() {
    let run = config(good)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.isEmpty)
    let lines = run.output.split(separator: "\n").map {
      $0.split(separator: " ", omittingEmptySubsequences: true)
    }
    #expect(lines.contains(["URL=https://h.example", "\(main):2"]))
    #expect(lines.contains(["Mode=import", "\(main):5"]))
    #expect(lines.contains(["QuietSec=5s", "default"]))
    #expect(lines.contains(["[Source", "hr]"]))
    #expect(!run.output.contains("abcdefgh"))
  }

  @Test func `with --json, each value is an object on a line`() {
    let run = config(good, ["--json"])
    #expect(run.status == 0)
    let lines = run.output.split(separator: "\n")
    #expect(
      lines.contains(
        #"{"file":"\#(main)","key":"Mode","line":5,"origin":"\#(main):5","section":"Source hr","value":"import"}"#[
          ...]))
    #expect(
      lines.contains(
        #"{"file":null,"key":"CAFile","line":null,"origin":"default","section":"Server","value":null}"#[...]))
    #expect(lines.allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") })
  }

  @Test func `errors go to standard error, all of them, and end 78`() {
    let run = config("[Server]\nURI=https://h\n[Source hr]\nModus=import\n")
    #expect(run.status == 78)
    #expect(run.output.isEmpty)
    #expect(run.errors.contains("\(main):2: error: unknown key 'URI' in [Server]; did you mean 'URL='?"))
    #expect(
      run.errors.contains("\(main):4: error: unknown key 'Modus' in [Source hr]; did you mean 'Mode='?"))
  }

  @Test func `a configuration that is not there ends 78`() {
    let run = config(nil)
    #expect(run.status == 78)
    #expect(run.errors.contains("cannot open '\(main)': No such file or directory"))
  }

  @Test func `a key that others can read ends 77, after the values`() {
    chmod(key, 0o644)
    let run = config(good)
    #expect(run.status == 77)
    #expect(run.output.contains("URL=https://h.example"))
    #expect(run.errors.contains("'\(key)' has mode 644"))
    #expect(!run.errors.contains("abcdefgh"))
  }

  @Test func `without a key's file it is said where the key comes from`() {
    let run = config("[Server]\nURL=https://h.example\n[Source hr]\n")
    #expect(run.status == 0)
    #expect(run.errors.contains("note: the API key was not examined: cannot open '\(directory)/api-key'"))
    #expect(run.errors.contains("its credential 'api-key'"))
  }

  @Test func `a directory outside the spool comes with the drop-in that it needs`() {
    let run = config(good + "Directory=/srv/hr\n")
    #expect(run.status == 0)
    #expect(run.output.contains("\n[Service]\nReadWritePaths=/srv/hr\n"))
    #expect(run.output.contains("/etc/systemd/system/haplo-importd.service.d/"))
  }

  @Test func `systemd's environment is used`() {
    let run = config(
      good, environment: ["STATE_DIRECTORY=/var/lib/elsewhere:/x", "RUNTIME_DIRECTORY=/run/elsewhere"])
    #expect(run.output.contains("StateDirectory=/var/lib/elsewhere "))
    #expect(run.output.contains("RuntimeDirectory=/run/elsewhere "))
  }
}
