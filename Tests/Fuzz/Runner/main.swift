import CFuzzer
import Glibc

// Tries one target with bytes that libFuzzer makes. The arguments are libFuzzer's.
var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(LLVMFuzzerRunDriver(&count, &arguments) { tryInput($0, $1) })
