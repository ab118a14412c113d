import CSimulation
import Glibc

/// One history in a process of its own.
struct Child {
  let seed: UInt64
  private let process: Int32
  private let pipe: Int32

  init(
    seed: UInt64, hours: Int, without: Set<Int> = [], isPrinting: Bool = false, calls: Bool = false,
    defect: Mutation? = nil
  ) {
    self.seed = seed
    var ends: [Int32] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else { preconditionFailure("no pipe") }
    process = simulation_fork()
    guard process == 0 else {
      _ = Glibc.close(ends[1])
      pipe = ends[0]
      return
    }
    _ = Glibc.close(ends[0])
    pipe = ends[1]
    simulation_limit_processor(60)
    mutation = defect
    let result = Life.run(seed: seed, hours: hours, without: without, isPrinting: isPrinting, calls: calls)
    let text = Array(Report(seed, result, without).encoded.utf8)
    var sent = 0
    while sent < text.count {
      let length = text.withUnsafeBytes { Glibc.write(pipe, $0.baseAddress! + sent, text.count - sent) }
      if length <= 0 { break }
      sent += length
    }
    _exit(0)
  }

  /// Real seconds after which a history that is not ready counts as hanging.
  private static let patience: Int32 = 120

  /// Waits for the end of the history and says what came of it.
  func finish() -> Report {
    var text: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    var hangs = false
    while true {
      if simulation_wait_for(pipe, Self.patience) == 0 {
        hangs = true
        _ = Glibc.kill(process, SIGKILL)
      }
      let length = Glibc.read(pipe, &block, block.count)
      if length <= 0 { break }
      text += block[..<length]
    }
    _ = Glibc.close(pipe)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {}
    if hangs { return Report(seed: seed, problem: "it hangs: a lock is waited for that is never given back") }
    if status & 0x7f != 0 { return Report(seed: seed, signal: status & 0x7f) }
    return Report(seed, String(decoding: text, as: UTF8.self))
  }
}
