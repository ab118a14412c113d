import FoundationEssentials
import Glibc
import Testing

/// Runs the commands of documents as they are written, in a bench's directory, with its drop directory, its configuration, and
/// the programs of this build.
struct DocumentShell {
  let bench: ProgramBench
  /// Takes the place of the port that the documents name, so that pages can be tried at the same time.
  let port: Int32

  /// Puts a `haplo-importd` first in the path that reads the bench's configuration unless a command names another.
  init(_ bench: ProgramBench, portOffset: Int32 = 0) throws {
    self.bench = bench
    port = 18_000 + portOffset + getpid() % 1000
    try FileManager.default.createDirectory(
      atPath: "\(bench.directory)/bin", withIntermediateDirectories: true)
    try bench.write(
      "bin/haplo-importd",
      """
      #!/bin/sh
      case " $* " in *' --config '*) exec '\(Self.programs)/haplo-importd' "$@" ;; esac
      exec '\(Self.programs)/haplo-importd' "$@" --config '\(bench.configuration)'
      """, mode: 0o755)
  }

  /// The directory with the programs of this build.
  private static let programs: String = {
    let own = BuiltProgram.path
    let path = own.hasPrefix("/") ? own : "\(FileManager.default.currentDirectoryPath)/\(own)"
    return path.split(separator: "/").dropLast().map { "/\($0)" }.joined()
  }()

  /// Runs a text by a program that takes it as its last argument; `bash -eu` if none is named.
  func run(_ text: String, by interpreter: [String] = ["/bin/bash", "-eu", "-c"]) -> BuiltProgram.Run {
    let text = text.replacing("importer:", with: "")
      .replacing("/var/spool/haplo-importd/drop/hr", with: bench.drop)
      .replacing("/usr/share/doc/haplo-importd/examples", with: "\(ProjectFile.root)/etc/examples")
      .replacing("8080", with: "\(port)")
    return BuiltProgram.run(
      [
        "-c", "cd \"$1\" && PATH=$1/bin:$2:$PATH exec \"${@:4}\" \"$3\"", "bash", bench.directory,
        Self.programs, text,
      ]
        + interpreter,
      environment: ["PATH=/usr/bin:/bin"], program: "/bin/bash")
  }

  /// Writes a set into a folder of the bench's directory.
  func makeSet(in folder: String, control: String, data: [String: String]) throws {
    try FileManager.default.createDirectory(
      atPath: "\(bench.directory)/\(folder)", withIntermediateDirectories: true)
    try bench.write("\(folder)/control.json", control)
    for (name, text) in data { try bench.write("\(folder)/\(name)", text) }
  }
}
