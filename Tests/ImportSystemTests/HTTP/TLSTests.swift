import FoundationEssentials
import ImportSystem
import ScriptedServer
import Synchronization
import Testing

/// Whom the engine trusts, and how it says that it does not.
@Suite(.enabled(if: TLSServer.isAvailable, "the command openssl (package openssl) makes the certificates"))
struct TLSTests {
  let certificates: TLSCertificates

  init() throws { certificates = try TLSCertificates() }

  @Test func `a server that our own CA vouches for is trusted`() async throws {
    let result = try await ask("good", TransferOptions(caFile: "\(certificates.path)/ca.pem"))
    guard case .answered(let answer, .whole) = result else { return #expect(Bool(false), "\(result)") }
    #expect(answer.body == Array("SCHEDULED".utf8))
  }

  @Test(arguments: ["-tls1_2", "-tls1_3"])
  func `the end of the server's certificate is told, and that of a file is read`(version: String) async throws
  {
    let told = Mutex<[Int64]>([])
    var options = TransferOptions(caFile: "\(certificates.path)/ca.pem")
    options.onCertificate = { end in told.withLock { $0.append(end) } }
    _ = try await ask("good", options, [version])
    let text = try FileSystem().openFile("\(certificates.path)/good.pem").readAll(atMost: 1 << 20)
    let end = try #require(CertificateExpiry.seconds(ofPEM: text))
    #expect(told.withLock { $0 } == [end])
    // It was made just now, for two days.
    let days = Double(end) - Date().timeIntervalSince1970
    #expect((170_000...172_900).contains(days), "\(days)")
  }

  @Test func `a server that is not trusted tells nothing, and other bytes are no certificate`() async throws {
    let told = Mutex(0)
    var options = TransferOptions(caFile: "\(certificates.path)/ca.pem")
    options.onCertificate = { _ in told.withLock { $0 += 1 } }
    _ = try await ask("stranger", options)
    #expect(told.withLock { $0 } == 0)
    for bytes in [[], [0x30], Array("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8)]
      as [[UInt8]]
    {
      #expect(
        CertificateExpiry.seconds(ofPEM: bytes) == nil && CertificateExpiry.seconds(ofDER: bytes) == nil)
    }
  }

  @Test(arguments: [
    ("expired", "certificate has expired", "administrator"),
    ("elsewhere", "the certificate is for another host name: ", "URL="),
    ("stranger", "unable to get local issuer certificate: ", "CAFile="),
    ("branch", "unable to get local issuer certificate: ", "intermediate"),
  ])
  func `any other is not, and nothing is sent to it`(name: String, cause: String, remedy: String) async throws
  {
    let result = try await ask(name, TransferOptions(caFile: "\(certificates.path)/ca.pem"))
    guard case .failed(let failure, .nothing) = result else { return #expect(Bool(false), "\(result)") }
    #expect(failure.kind == .notTrusted)
    #expect(failure.cause.hasPrefix(cause), "\(failure)")
    #expect(failure.cause.contains(remedy), "\(failure)")
    #expect(failure.place.hasPrefix("127.0.0.1:"))
  }

  @Test func `the system's authorities do not vouch for ours`() async throws {
    let result = try await ask("good", TransferOptions())
    guard case .failed(let failure, .nothing) = result else { return #expect(Bool(false), "\(result)") }
    #expect(failure.cause.contains("set CAFile= in [Server]"), "\(failure)")
    #expect(failure.cause.contains("the server sent only its own certificate"), "\(failure)")
  }

  @Test func `a server that asks for a certificate gets ours`() async throws {
    var options = TransferOptions(caFile: "\(certificates.path)/ca.pem")
    options.clientCertificateFile = "\(certificates.path)/client.pem"
    options.clientKeyFile = "\(certificates.path)/client.key"
    let result = try await ask("good", options, asking: true)
    guard case .answered(let answer, .whole) = result else { return #expect(Bool(false), "\(result)") }
    #expect(answer.status == 200)
  }

  /// With TLS 1.3 the server refuses after the handshake, when sending has begun.
  @Test(arguments: ["-tls1_2", "-tls1_3"])
  func `a server that asks for a certificate in vain is named with the remedy`(version: String) async throws {
    let options = TransferOptions(caFile: "\(certificates.path)/ca.pem")
    let result = try await ask("good", options, asking: true, [version])
    guard case .failed(let failure, _) = result else { return #expect(Bool(false), "\(result)") }
    #expect(failure.kind == .notTrusted)
    #expect(
      failure.cause.hasPrefix("the server asks for a client certificate, and none is configured"),
      "\(failure)")
    #expect(failure.cause.contains("set ClientCertificateFile= and ClientKeyFile= in [Server]"), "\(failure)")
  }

  @Test(arguments: ["-tls1_2", "-tls1_3"])
  func `a certificate that the server does not accept is named`(version: String) async throws {
    var options = TransferOptions(caFile: "\(certificates.path)/ca.pem")
    options.clientCertificateFile = "\(certificates.path)/stranger.pem"
    options.clientKeyFile = "\(certificates.path)/stranger.key"
    let result = try await ask("good", options, asking: true, [version])
    guard case .failed(let failure, _) = result else { return #expect(Bool(false), "\(result)") }
    #expect(
      failure.cause.hasPrefix(
        "the server refused the client certificate '\(certificates.path)/stranger.pem'"),
      "\(failure)")
  }

  @Test func `a key with a pass phrase fails, and nobody is asked for it`() async throws {
    var options = TransferOptions(caFile: "\(certificates.path)/ca.pem")
    options.clientCertificateFile = "\(certificates.path)/client.pem"
    options.clientKeyFile = "\(certificates.path)/locked.key"
    let result = try await ask("good", options)
    guard case .failed(let failure, .nothing) = result else { return #expect(Bool(false), "\(result)") }
    #expect(failure.cause.contains("ClientKeyFile="), "\(failure)")
  }

  @Test func `a certificate without its key is named`() async throws {
    var options = TransferOptions(caFile: "\(certificates.path)/ca.pem")
    options.clientCertificateFile = "\(certificates.path)/client.pem"
    options.clientKeyFile = "\(certificates.path)/good.key"
    let result = try await ask("good", options)
    guard case .failed(let failure, .nothing) = result else { return #expect(Bool(false), "\(result)") }
    #expect(failure.cause.contains("\(certificates.path)/client.pem"), "\(failure)")
  }

  @Test func `a server without TLS is told from one that is not trusted`() async throws {
    let server = ScriptedServer([[.send("HTTP/1.1 400 Bad Request\r\n\r\n"), .hold]])
    let result = await (try TransferEngine(TransferOptions())).send(
      TransferRequest(url: "https://127.0.0.1:\(server.port)/", body: .form([])))
    guard case .failed(let failure, .nothing) = result else { return #expect(Bool(false), "\(result)") }
    #expect(failure.cause.hasPrefix("TLS failed: "), "\(failure)")
  }

  private func ask(
    _ name: String, _ options: TransferOptions, asking: Bool = false, _ more: [String] = []
  ) async throws -> TransferResult {
    let server = try TLSServer(
      certificates, name, asking: asking, more, answer: answer("200 OK", "SCHEDULED"))
    let engine = try TransferEngine(options)
    let result = await engine.send(
      TransferRequest(url: "https://127.0.0.1:\(server.port)/api", body: .form([("batch", "b")])))
    return withExtendedLifetime(server) { result }
  }
}
