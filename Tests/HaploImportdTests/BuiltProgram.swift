import Glibc

/// Runs the program as it was built, as a shell would.
struct BuiltProgram {
  /// What a run printed, and what it ended with.
  struct Run {
    let status: Int32
    let output: String
    let errors: String
  }

  /// Beside the test program, where the build puts both.
  static let path: String = {
    let own = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
    let directory = own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
      separator: "/")
    return "\(directory)/haplo-importd"
  }()

  /// Runs it to its end and returns the most memory that was resident, in KiB. A child counts what its parent had
  /// when it was started, so a small program starts it and asks: getrusage(2) for its children.
  static func peak(_ arguments: [String]) -> Int? {
    let script =
      #"system { $ARGV[0] } @ARGV; my $b = "\0" x 200; syscall(98, -1, $b); print unpack("x32 q", $b);"#
    let output = run(["-e", script, path] + arguments, program: "/usr/bin/perl").output
    return output.split(whereSeparator: \.isNewline).last.flatMap { Int($0) }
  }

  /// Runs it to its end; `output` names a file to write to in place of one that is read back.
  static func run(
    _ arguments: [String], environment: [String] = [], output: String? = nil, program: String = path
  ) -> Run {
    var template = Array("/tmp/haplo-run-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { preconditionFailure("no directory for a test") }
    let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let (out, errors) = (directory + "/out", directory + "/errors")
    defer {
      for path in [out, errors] { unlink(path) }
      rmdir(directory)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // Files, opened in the child: a pipe's end could leak into what another test starts meanwhile.
    posix_spawn_file_actions_addopen(&actions, 1, output ?? out, O_WRONLY | O_CREAT, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT, 0o600)
    let status = wait(for: spawn([program] + arguments, environment, &actions))
    return Run(status: status, output: contents(of: out), errors: contents(of: errors))
  }

  /// The exit status, or the signal's number negated.
  private static func wait(for process: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    return status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f)
  }

  /// A file as text, up to a megabyte; empty if it is not there.
  static func contents(of path: String) -> String {
    let number = open(path, O_RDONLY)
    if number < 0 { return "" }
    defer { close(number) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = max(0, read(number, &bytes, bytes.count))
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  private static func spawn(
    _ arguments: [String], _ environment: [String], _ actions: inout posix_spawn_file_actions_t
  ) -> pid_t {
    let argv = arguments.map { strdup($0) } + [nil]
    let variables = environment.map { strdup($0) } + [nil]
    defer { for text in argv + variables { free(text) } }
    var process: pid_t = 0
    let result = posix_spawn(&process, arguments[0], &actions, nil, argv, variables)
    precondition(result == 0, "cannot start \(path): error \(result)")
    return process
  }
}
