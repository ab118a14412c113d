import FuzzTargets
import Glibc

/// The target that FUZZ_TARGET names.
private let chosen: FuzzTarget = {
  let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
  if let target = FuzzTarget.all.first(where: { $0.name == name }) { return target }
  print("FUZZ_TARGET must be one of: \(FuzzTarget.all.map(\.name).joined(separator: " "))")
  exit(64)
}()

/// Called by libFuzzer with each input: a C function, which can capture nothing.
func tryInput(_ start: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  do {
    try chosen.check(Array(UnsafeBufferPointer(start: start, count: size)))
  } catch {
    fatalError("broken: \(error)")
  }
  return 0
}
