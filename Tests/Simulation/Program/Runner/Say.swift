import Glibc

/// Writes a line to standard output at once: a process that is copied must have nothing left to write.
func say(_ line: String) {
  let bytes = Array((line + "\n").utf8)
  var written = 0
  while written < bytes.count {
    let length = bytes.withUnsafeBytes { Glibc.write(1, $0.baseAddress! + written, bytes.count - written) }
    if length <= 0 { return }
    written += length
  }
}
