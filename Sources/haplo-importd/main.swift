import Glibc
import ImportSystem

let arguments = CommandArguments.readable
// Before the first thread is started, for each inherits what is blocked here.
if Program.readsSignals(arguments) { SignalReader.block([SIGTERM, SIGINT, SIGHUP]) }
if Program.watches(arguments) { SignalReader.block(WatchedTerminal.signals) }
// Also before: each thread has the capabilities of the one that starts it.
let root = Program.startAsRoot(arguments)
MainThread.prepare()
MainThread.end(status: MainThread.run { await Program.run(arguments, root) }.rawValue)
