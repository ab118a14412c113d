import ImportSystem
import ScriptedServer
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

  @Test(arguments: [
    ("expired", "certificate has expired"),
    ("elsewhere", "the certificate is for another host name: "),
    (
      "stranger",
      "unable to get local issuer certificate: if the server has a CA of its own, name it with CAFile="
    ),
  ])
  func `any other is not, and nothing is sent to it`(name: String, cause: String) async throws {
    let result = try await ask(name, TransferOptions(caFile: "\(certificates.path)/ca.pem"))
    guard case .failed(let failure, .nothing) = result else { return #expect(Bool(false), "\(result)") }
    #expect(failure.kind == .notTrusted)
    #expect(failure.cause.hasPrefix(cause), "\(failure)")
    #expect(failure.place.hasPrefix("127.0.0.1:"))
  }

  @Test func `the system's authorities do not vouch for ours`() async throws {
    let result = try await ask("good", TransferOptions())
    guard case .failed(let failure, .nothing) = result else { return #expect(Bool(false), "\(result)") }
    #expect(failure.cause.contains("CAFile="))
  }

  @Test func `a server that asks for a certificate gets ours`() async throws {
    var options = TransferOptions(caFile: "\(certificates.path)/ca.pem")
    options.clientCertificateFile = "\(certificates.path)/client.pem"
    options.clientKeyFile = "\(certificates.path)/client.key"
    let result = try await ask("good", options, asking: true)
    guard case .answered(let answer, .whole) = result else { return #expect(Bool(false), "\(result)") }
    #expect(answer.status == 200)
  }

  @Test func `a server that asks for a certificate in vain is named with the remedy`() async throws {
    let options = TransferOptions(caFile: "\(certificates.path)/ca.pem")
    let result = try await ask("good", options, asking: true)
    guard case .failed(let failure, _) = result else { return #expect(Bool(false), "\(result)") }
    #expect(failure.cause.contains("ClientCertificateFile="), "\(failure)")
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

  private func ask(_ name: String, _ options: TransferOptions, asking: Bool = false) async throws
    -> TransferResult
  {
    let server = try TLSServer(certificates, name, asking: asking, answer: answer("200 OK", "SCHEDULED"))
    let engine = try TransferEngine(options)
    let result = await engine.send(
      TransferRequest(url: "https://127.0.0.1:\(server.port)/api", body: .form([("batch", "b")])))
    return withExtendedLifetime(server) { result }
  }
}
