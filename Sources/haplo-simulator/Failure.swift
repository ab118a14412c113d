import Glibc

/// Ends the program with a message and a status of sysexits.h.
struct Failure: Error {
  let message: String
  let status: Int32

  static func usage(_ message: String) -> Failure {
    Failure(message: "\(message)\nTry 'haplo-simulator --help'.", status: EX_USAGE)
  }
}
