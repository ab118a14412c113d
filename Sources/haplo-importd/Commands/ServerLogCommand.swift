import Glibc
import HaploAPI
import ImportCore
import ImportRuntime
import ImportService
import ImportSystem
import Synchronization

extension CommandOption {
  static let serverLog = CommandOption(
    "server-log", help: "print the log of the set's job from the server instead; it may quote personal data")
}

/// Work of `show --server-log`: prints the log of a set's job as it comes from the server.
struct ServerLogPrinter {
  /// Bytes of a line that are printed at once; a longer line comes in pieces.
  private static let longestPiece = 64 << 10

  /// Prints the log. Nothing of it is stored.
  static func print(_ set: SetReport, _ invocation: Invocation, _ configuration: Configuration)
    async throws(Failure)
  {
    guard let batch = set.batch else { throw .notFound("set \(set.set) has no batch") }
    guard let key = try invocation.readOutcomeKeyOfService(configuration) else {
      throw .outcomeKey(.unusable(.notNamed))
    }
    let output = Mutex<(rest: [UInt8], failure: Failure?)>(([], nil))
    do {
      try await configuration.readServerLog(of: set.set, batch, with: key) { piece in
        output.withLock { output in
          output.rest += piece
          return write(&output, isLast: false)
        }
      }
    } catch {
      if let failure = output.withLock({ $0.failure }) { throw failure }
      throw failure(error)
    }
    let failure = output.withLock { output in
      _ = write(&output, isLast: true)
      return output.failure
    }
    if let failure { throw failure }
  }

  /// Writes the whole lines, control characters and bytes that are not UTF-8 escaped; false if nobody takes them.
  private static func write(_ output: inout (rest: [UInt8], failure: Failure?), isLast: Bool) -> Bool {
    guard output.failure == nil else { return false }
    var text = ""
    while let end = output.rest.firstIndex(of: UInt8(ascii: "\n")) {
      text += PrintableText.escaping(bytes: output.rest[..<end].filter { $0 != UInt8(ascii: "\r") }) + "\n"
      output.rest.removeSubrange(...end)
    }
    if output.rest.count >= longestPiece || isLast && !output.rest.isEmpty {
      text += PrintableText.escaping(bytes: output.rest) + (isLast ? "\n" : "")
      output.rest = []
    }
    do throws(Failure) { try StandardOutput.write(text) } catch { output.failure = error }
    return output.failure == nil
  }

  private static func failure(_ error: any Error) -> Failure {
    switch error {
    case ServerLogFailure.refused(let refusal): .outcomeRefused(refusal)
    case ServerLogFailure.unavailable(let text): .serverUnavailable(text)
    case ServerLogFailure.notFound(let text): .notFound(text)
    case let failure as ConfigurationFailure: .configuration(failure)
    case let error as SystemError: .system(error)
    default: .bug("\(error)")
    }
  }
}
