import Glibc

/// A program that a test runs, with its two outputs in files of their own.
final class Program {
  private let process: pid_t
  private let output: String
  private var status: Int32?

  init(_ path: String, _ arguments: [String], output: String = "/dev/null") {
    self.output = output
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let words = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    let variables = [strdup("PATH=/usr/bin:/bin"), nil]
    defer { free(variables[0]) }
    var process: pid_t = -1
    let failed = posix_spawnp(&process, path, &actions, nil, words, variables)
    self.process = process
    if failed != 0 { status = 127 << 8 }
  }

  /// What it has written so far.
  var text: String { read(output) ?? "" }

  func signal(_ number: Int32) { if status == nil { kill(process, number) } }

  /// Waits for its end; the exit status, or -1 after a signal.
  func wait() -> Int32 {
    var raw = status ?? 0
    if status == nil { waitpid(process, &raw, 0) }
    status = raw
    return raw & 0x7f == 0 ? raw >> 8 & 0xff : -1
  }

  deinit {
    signal(SIGKILL)
    _ = wait()
  }
}

/// Runs a program to its end.
func run(_ path: String, _ arguments: [String], output: String = "/dev/null") -> Int32 {
  Program(path, arguments, output: output).wait()
}

/// Whether a command is there to be run.
func isInstalled(_ command: String) -> Bool { access("/usr/bin/" + command, X_OK) == 0 }
