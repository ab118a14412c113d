import Glibc

/// strace(1) on another process, writing every system call of all its threads to a file.
final class Tracer {
  /// False if it could not attach itself.
  let isAttached: Bool
  private let program: RunningProgram
  var transcript: String { program.transcript }

  init(of process: pid_t, output: String) {
    program = RunningProgram(
      running: ["/usr/bin/strace", "-f", "-p", String(process), "-o", output])
    isAttached = program.line(with: "attached", within: .seconds(30)) != nil
  }

  /// Lets go of the process, and returns when all is written; false if it did not end.
  func stop() -> Bool {
    program.signal(SIGINT)
    return program.end(within: .seconds(30)) != nil
  }
}
