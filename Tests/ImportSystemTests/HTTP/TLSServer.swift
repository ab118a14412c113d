import FoundationEssentials
import Glibc
import ImportSystem

/// A TLS server with a certificate of the test's own making, both by the `openssl` command. It sends one answer
/// to the first client that it agrees with.
final class TLSServer {
  static var isAvailable: Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl") }

  private let process: pid_t
  private let input: Int32
  private let output: Int32
  let port: Int

  /// Presents the certificate `name` of `certificates`; with `asking`, wants one of the client that "ca" signed.
  /// `more` are further arguments of `openssl s_server`.
  init(
    _ certificates: TLSCertificates, _ name: String, asking: Bool = false, _ more: [String] = [],
    answer: String
  ) throws {
    let path = certificates.path
    var arguments = ["openssl", "s_server", "-accept", "127.0.0.1:0"]
    arguments += ["-cert", "\(path)/\(name).pem", "-key", "\(path)/\(name).key"]
    if asking { arguments += ["-Verify", "1", "-verify_return_error", "-CAfile", "\(path)/ca.pem"] }
    arguments += more
    let (read, write) = (try Self.pipe(), try Self.pipe())
    process = try spawn(arguments, input: read.0, output: write.1)
    close(read.0)
    close(write.1)
    input = read.1
    output = write.0
    port = try Self.port(announcedOn: output)
    _ = Array(answer.utf8).withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
  }

  deinit {
    kill(process, SIGKILL)
    waitpid(process, nil, 0)
    close(input)
    close(output)
  }

  private static func pipe() throws -> (Int32, Int32) {
    var ends: [Int32] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else { throw SystemError(call: "make", object: "pipe", errno: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  /// Reads what the server says until it tells its port. What comes later stays in the pipe, which has room.
  private static func port(announcedOn output: Int32) throws -> Int {
    var text = ""
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !(text.contains("ACCEPT") && text.hasSuffix("\n")) {
      let length = read(output, &buffer, buffer.count)
      guard length > 0 else { throw SystemError(call: "start", object: "openssl s_server", errno: ECHILD) }
      text += String(decoding: buffer[..<length], as: UTF8.self)
    }
    return Int(text.dropLast().split(separator: ":").last ?? "") ?? 0
  }
}

/// Certificates as they are and as they should not be, made anew for each run.
final class TLSCertificates {
  let path = "/tmp/haplo-tls-\(UUID().uuidString)"

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    let process = try spawn(["sh", "-c", Self.script, "sh", path], input: nil, output: nil)
    var status: Int32 = 0
    waitpid(process, &status, 0)
    guard status == 0 else { throw SystemError(call: "make", object: "certificates", errno: ECHILD) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  private static let script = """
    set -e; cd "$1"; ec='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
    for n in ca other; do openssl req -x509 $ec -keyout $n.key -out $n.pem -days 2 -subj /CN=$n; done
    sign() {
      openssl req $ec -keyout $1.key -out $1.csr -subj /CN=$1 -addext "subjectAltName=$2"
      openssl x509 -req -in $1.csr -CA $3.pem -CAkey $3.key -CAcreateserial -copy_extensions copy \\
        -days $4 -out $1.pem
    }
    sign good IP:127.0.0.1 ca 2
    sign expired IP:127.0.0.1 ca -1
    sign elsewhere DNS:elsewhere.example ca 2
    sign stranger IP:127.0.0.1 other 2
    sign client DNS:client ca 2
    openssl req $ec -keyout middle.key -out middle.csr -subj /CN=middle -addext basicConstraints=critical,CA:TRUE
    openssl x509 -req -in middle.csr -CA ca.pem -CAkey ca.key -CAcreateserial -copy_extensions copy -days 2 \\
      -out middle.pem
    sign branch IP:127.0.0.1 middle 2
    openssl pkey -in client.key -aes256 -passout pass:secret -out locked.key
    """
}

/// Starts a program found by PATH, silent but for what goes to `output`.
private func spawn(_ arguments: [String], input: Int32?, output: Int32?) throws -> pid_t {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  for (number, end) in [(Int32(0), input), (1, output), (2, nil)] {
    if let end {
      posix_spawn_file_actions_adddup2(&actions, end, number)
    } else {
      posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0)
    }
  }
  var process = pid_t()
  let list = arguments.map { strdup($0) } + [nil]
  defer { for text in list { free(text) } }
  let code = posix_spawnp(&process, arguments[0], &actions, nil, list, environ)
  guard code == 0 else { throw SystemError(call: "start", object: arguments[0], errno: code) }
  return process
}
