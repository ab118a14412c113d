import Glibc
import HaploSimulator

/// Writes one line at once; print(_:) keeps it back when standard output is no terminal.
func say(_ line: String, to descriptor: Int32 = STDOUT_FILENO) {
  _ = write(descriptor, line + "\n", line.utf8.count + 1)
}

/// The signals that end the program, blocked in every thread and waited for in this one.
func blockedSignals() -> sigset_t {
  var signals = sigset_t()
  sigemptyset(&signals)
  sigaddset(&signals, SIGTERM)
  sigaddset(&signals, SIGINT)
  pthread_sigmask(SIG_BLOCK, &signals, nil)
  return signals
}

func simulator(_ options: SimulatorOptions) throws(Failure) -> Simulator {
  do throws(SimulatorError) {
    return try Simulator(options)
  } catch {
    switch error {
    case .cannotListen: throw Failure(message: error.description, status: EX_UNAVAILABLE)
    case .file: throw Failure(message: error.description, status: EX_CANTCREAT)
    }
  }
}

func run(_ arguments: Arguments) throws(Failure) {
  var signals = blockedSignals()
  signal(SIGPIPE, SIG_IGN)
  if let directory = arguments.options.keepDirectory { try makeDirectory(directory) }
  let simulator = try simulator(arguments.options)
  if let portFile = arguments.portFile { try place("\(simulator.port)\n", at: portFile) }
  say("haplo-simulator: listening on \(simulator.url)")
  var received: Int32 = 0
  while sigwait(&signals, &received) != 0 {}
  simulator.stop()
}

do throws(Failure) {
  let arguments = try Arguments(CommandLine.arguments)
  switch arguments.request {
  case .print(let text): say(text)
  case .run: try run(arguments)
  }
} catch {
  say("haplo-simulator: \(error.message)", to: STDERR_FILENO)
  exit(error.status)
}
