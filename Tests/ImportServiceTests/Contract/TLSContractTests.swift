import FoundationEssentials
import Glibc
import HaploAPI
import HaploSimulator
import ImportCore
import ImportRuntime
import ImportService
import ImportSystem
import Testing

/// The four steps over HTTPS, with an authority of the test's own making.
@Suite(
  .enabled(
    if: access("/usr/bin/openssl", X_OK) == 0, "the command openssl (package openssl) makes the certificates")
)
struct TLSContractTests {
  let certificates: OwnAuthority

  init() throws { certificates = try OwnAuthority() }

  private func bench(_ name: String = "localhost") throws -> ContractBench {
    let tls = SimulatorOptions.TLS(
      certificate: try certificates.text(name + ".pem"), key: try certificates.text(name + ".key"))
    return try ContractBench { $0.tls = tls }
  }

  @Test func `with its own CA named, a whole set goes through`() async throws {
    let bench = try bench()
    let client = try bench.client { $0.caFile = certificates.path + "/ca.pem" }
    let batch = try await bench.newBatch(client)
    let file = try bench.upload(String(repeating: "0123456789", count: 300_000))
    let uploaded = try await bench.ask(.file(batch: batch, key: "data0", file), client)
    #expect(uploaded.verdict == .done(text: file.digest.hex))
    #expect(try await bench.ask(.schedule(batch: batch, mode: .import), client).meaning == .done)
    #expect(bench.simulator.record.jobs.map(\.files.count) == [1])
  }

  @Test func `the ends of both certificates are known after the first answer`() async throws {
    let bench = try bench()
    let seen = SeenCertificate()
    var options = TransferOptions(credentials: .init(user: "haplo", password: ContractBench.key))
    options.caFile = certificates.path + "/ca.pem"
    options.onCertificate = { seen.see($0) }
    let client = HaploClient(
      url: bench.simulator.url, engine: try TransferEngine(options), certificate: seen)
    #expect(client.certificateExpiry == nil)
    for _ in 0..<2 {
      _ = try await bench.ask(.batch(control: .ofNothing, comment: nil), client)
      let rest = try #require(client.certificateExpiry).since(SystemTime().now)
      #expect(rest > .seconds(86_400) && rest <= .seconds(2 * 86_400))
    }
    func end(of file: String) throws -> Timestamp? {
      let text = "[Server]\nURL=https://localhost\nClientCertificateFile=\(file)\n[Source hr]\n"
      let configuration = try Configuration.parse(
        [ConfigurationFile(path: "x.conf", text: text)], environment: ConfigurationEnvironment())
      return configuration.clientCertificateExpiry()
    }
    #expect(try end(of: "") == nil)
    let expiry = try #require(try end(of: "\(certificates.path)/client.pem"))
    #expect(expiry.since(SystemTime().now) > .seconds(86_400))
    #expect(try end(of: "\(certificates.path)/client.key") == nil)
  }

  @Test func `a certificate of ours is taken along`() async throws {
    let bench = try bench()
    let client = try bench.client {
      $0.caFile = certificates.path + "/ca.pem"
      $0.clientCertificateFile = certificates.path + "/client.pem"
      $0.clientKeyFile = certificates.path + "/client.key"
    }
    let reply = try await bench.ask(.batch(control: .ofNothing, comment: nil), client)
    #expect(reply.meaning == .controlMissing)
  }

  @Test func `a refused key is told over HTTPS too, before a large body`() async throws {
    let bench = try bench()
    let client = try bench.client(key: "wrong-wrong-wrong-wrong") {
      $0.caFile = certificates.path + "/ca.pem"
    }
    let reply = try await bench.ask(
      .file(batch: AnswerRow.batch, key: "data0", try bench.largeUpload(64 << 20)), client)
    #expect(reply.meaning == .stop(.keyRefused), "\(reply.exchange)")
    #expect(bench.simulator.record.requests.map(\.received) == [0])
  }

  @Test(arguments: [("localhost", "other.pem", "CAFile="), ("elsewhere", "ca.pem", "another host name")])
  func `a server that is not trusted is sent nothing, and the remedy is named`(
    certificate: String, ca: String, words: String
  ) async throws {
    let bench = try bench(certificate)
    let client = try bench.client { $0.caFile = "\(certificates.path)/\(ca)" }
    let reply = try await bench.ask(.schedule(batch: AnswerRow.batch, mode: .import), client)
    #expect(reply.failure?.contains(words) == true, "\(reply.exchange)")
    #expect(reply.sent == .nothing)
    #expect(reply.meaning == .again)
    #expect(bench.simulator.record.requestCount == 0)
  }
}

/// A certificate authority, another one, and what the first has signed.
final class OwnAuthority: Sendable {
  let path = "/tmp/haplo-authority-\(UUID().uuidString)"

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    let words = ["sh", "-c", Self.script, "sh", path].map { (word: String) in strdup(word) } + [nil]
    defer { for word in words { free(word) } }
    var process = pid_t()
    guard posix_spawn(&process, "/bin/sh", nil, nil, words, environ) == 0 else { throw Failed() }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    guard status == 0 else { throw Failed() }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: "\(path)/\(name)")), as: UTF8.self)
  }

  private struct Failed: Error {}

  private static let script = """
    set -e; exec >/dev/null 2>&1; cd "$1"; ec='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
    for n in ca other; do openssl req -x509 $ec -keyout $n.key -out $n.pem -days 2 -subj /CN=$n; done
    sign() {
      openssl req $ec -keyout $1.key -out $1.csr -subj /CN=$1 -addext "subjectAltName=$2"
      openssl x509 -req -in $1.csr -CA ca.pem -CAkey ca.key -CAcreateserial -copy_extensions copy \\
        -days 2 -out $1.pem
    }
    sign localhost DNS:localhost
    sign elsewhere DNS:elsewhere.example
    sign client DNS:client
    """
}
