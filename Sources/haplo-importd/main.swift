import Glibc
import ImportSystem

let arguments = CommandArguments.readable
// Before the first thread is started, for each inherits what is blocked here.
if Program.readsSignals(arguments) { SignalReader.block([SIGTERM, SIGINT, SIGHUP]) }
if Program.watches(arguments) { SignalReader.block(WatchedTerminal.signals) }
MainThread.prepare()
MainThread.end(status: MainThread.run { await Program.run(arguments) }.rawValue)
