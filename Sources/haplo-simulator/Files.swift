import Glibc

/// Reads a small text file.
func contents(of path: String) throws(Failure) -> String {
  let file = open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { throw unreadable(path) }
  defer { close(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 64 * 1024)
  while true {
    let count = read(file, &buffer, buffer.count)
    guard count >= 0 else { throw unreadable(path) }
    if count == 0 { return String(decoding: bytes, as: UTF8.self) }
    bytes += buffer[..<count]
  }
}

/// Puts a file into place in one piece, so that who sees it can read all of it.
func place(_ text: String, at path: String) throws(Failure) {
  let temporary = "\(path).\(getpid())"
  let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
  guard file >= 0 else { throw uncreatable(path) }
  let written = write(file, text, text.utf8.count)
  close(file)
  guard written == text.utf8.count, rename(temporary, path) == 0 else {
    let failure = uncreatable(path)
    unlink(temporary)
    throw failure
  }
}

/// Makes a directory that is not there yet.
func makeDirectory(_ path: String) throws(Failure) {
  guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw uncreatable(path) }
}

private func unreadable(_ path: String) -> Failure {
  Failure(message: "cannot read '\(path)': \(String(cString: strerror(errno)))", status: EX_NOINPUT)
}

private func uncreatable(_ path: String) -> Failure {
  Failure(message: "cannot create '\(path)': \(String(cString: strerror(errno)))", status: EX_CANTCREAT)
}

/// Ends the program with a message and a status of sysexits.h.
struct Failure: Error {
  let message: String
  let status: Int32

  static func usage(_ message: String) -> Failure {
    Failure(message: "\(message)\nTry 'haplo-simulator --help'.", status: EX_USAGE)
  }
}
