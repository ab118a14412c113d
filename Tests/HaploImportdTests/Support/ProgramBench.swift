import FoundationEssentials
import Glibc
import HaploSimulator
import Testing

/// A simulator, a configuration for it, and a spool, all for one test.
final class ProgramBench: Sendable {
  static let key = "c2VjcmV0LWtleS1vZi10aGUtdGVzdHM-_aBcDeFgHiJ"
  static let control = """
    {"dataImportControlFileVersion": 0, "model": "std:person", "files": {"data0": {"read": "json"}},
     "instructions": [{"source": "id", "destination": "person", "name": "std:attribute:id"}]}
    """

  let directory: String
  let simulator: Simulator
  var configuration: String { directory + "/haplo.conf" }
  /// The text of the configuration's file.
  var configurationText: String { BuiltProgram.contents(of: configuration) }
  var socket: String { directory + "/run/control" }
  var drop: String { directory + "/spool/drop/hr" }

  /// `source` stands in the section of the source `hr`, `rest` behind it.
  init(source: String = "QuietSec=0", server: String = "", rest: String = "") throws {
    var template = Array("/tmp/haplo-bench-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    simulator = try Simulator(apiKey: Self.key)
    try write("key", Self.key + "\n", mode: 0o600)
    try configure(source: source, server: server, rest: rest)
    try FileManager.default.createDirectory(atPath: drop, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// Writes the configuration anew.
  func configure(url: String? = nil, source: String = "QuietSec=0", server: String = "", rest: String = "")
    throws
  {
    try write(
      "haplo.conf",
      """
      [Server]
      URL=\(url ?? simulator.url)
      APIKeyFile=\(directory)/key
      \(server)
      [Daemon]
      SpoolDirectory=\(directory)/spool
      StateDirectory=\(directory)/state
      RuntimeDirectory=\(directory)/run
      [Source hr]
      \(source)
      \(rest)

      """)
  }

  /// Writes a file below the bench's directory.
  func write(_ name: String, _ text: String, mode: mode_t = 0o644) throws {
    // Closed on exec: a program that another test starts just now would have the file open for writing too.
    let file = open("\(directory)/\(name)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    let bytes = Array(text.utf8)
    try #require(file >= 0 && Glibc.write(file, bytes, bytes.count) == bytes.count)
    close(file)
    chmod("\(directory)/\(name)", mode)
  }

  /// Moves a folder with these files into the drop directory of a source, which is there.
  func dropFolder(
    _ name: String, source: String = "hr", control: String? = ProgramBench.control,
    data: [String: String] = ["data0.json": "[]"]
  ) throws {
    try FileManager.default.createDirectory(
      atPath: "\(directory)/\(name)", withIntermediateDirectories: true)
    if let control { try write("\(name)/control.json", control) }
    for (file, text) in data { try write("\(name)/\(file)", text) }
    try #require(rename("\(directory)/\(name)", "\(directory)/spool/drop/\(source)/\(name)") == 0)
  }

  /// Runs a subcommand to its end.
  func run(_ arguments: String..., environment: [String] = []) -> BuiltProgram.Run {
    BuiltProgram.run(["--config", configuration] + arguments, environment: environment)
  }

  /// Starts the daemon, which logs everything, and waits until it has started.
  func startDaemon(environment: [String] = []) throws -> RunningProgram {
    let daemon = RunningProgram(
      ["--config", configuration, "run"], environment: ["SYSTEMD_LOG_LEVEL=debug"] + environment)
    try #require(daemon.line(with: "has started") != nil, "\(daemon.transcript)")
    return daemon
  }

  /// Lines of JSON that a run printed.
  func json(_ run: BuiltProgram.Run) throws -> [JSON] {
    try run.output.split(separator: "\n").map { try JSONDecoder().decode(JSON.self, from: Data($0.utf8)) }
  }

  /// Names of files that hold this text.
  func files(with text: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: directory).filter { path in
      FileManager.default.contents(atPath: "\(directory)/\(path)").map {
        String(decoding: $0, as: UTF8.self).contains(text)
      } ?? false
    }
  }

  /// Names of files that hold the key, or the header that it is sent in, the key's own apart.
  func filesWithKey() throws -> [String] {
    let header = Data("haplo:\(Self.key)".utf8).base64EncodedString()
    return try FileManager.default.subpathsOfDirectory(atPath: directory).filter { path in
      guard path != "key", let data = FileManager.default.contents(atPath: "\(directory)/\(path)") else {
        return false
      }
      let text = String(decoding: data, as: UTF8.self)
      return text.contains(Self.key) || text.contains(header)
    }
  }
}

/// Any JSON, to be looked into.
enum JSON: Decodable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let text = try? value.decode(String.self) {
      self = .string(text)
    } else if let flag = try? value.decode(Bool.self) {
      self = .bool(flag)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let items = try? value.decode([JSON].self) {
      self = .array(items)
    } else {
      self = .object(try value.decode([String: JSON].self))
    }
  }

  /// A member, null or not; nil if it is not there at all.
  subscript(name: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members[name]
  }

  subscript(index: Int) -> JSON? {
    guard case .array(let items) = self, items.indices.contains(index) else { return nil }
    return items[index]
  }

  var text: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  var names: Set<String> {
    guard case .object(let members) = self else { return [] }
    return Set(members.keys)
  }
}
