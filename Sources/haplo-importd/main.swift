import Glibc
import ImportSystem

let arguments = CommandLine.arguments
// Before the first thread is started, for each inherits what is blocked here.
if Program.readsSignals(arguments) { SignalReader.block([SIGTERM, SIGINT, SIGHUP]) }
MainThread.prepare()
exit(MainThread.run { await Program.run(arguments) }.rawValue)
