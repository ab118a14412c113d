import ImportSystem
import Testing

/// The judgement of TLS on PEM files.
@Suite(.enabled(if: TLSServer.isAvailable, "the command openssl (package openssl) makes the certificates"))
struct CertificateFileTests {
  private let certificates: TLSCertificates

  init() throws { certificates = try TLSCertificates() }

  private func bytes(_ name: String) throws -> [UInt8] {
    try FileSystem().openFile("\(certificates.path)/\(name)").readAll(atMost: 1 << 20)
  }

  @Test func `certificates to trust are PEM, as many as there are, and nothing else`() throws {
    #expect(CertificateFile.hasCertificates(try bytes("ca.pem")))
    #expect(CertificateFile.hasCertificates(try bytes("ca.pem") + bytes("middle.pem")))
    #expect(CertificateFile.hasCertificates(Array("A comment\n".utf8) + (try bytes("ca.pem"))))
    let broken = Array("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8)
    for other in [[], Array("localhost\n".utf8), broken, try bytes("ca.key"), try bytes("ca.pem") + broken] {
      #expect(!CertificateFile.hasCertificates(other), "\(String(decoding: other, as: UTF8.self))")
    }
  }

  @Test func `a private key is that of its certificate, of another one, or none`() throws {
    let (client, key) = (try bytes("client.pem"), try bytes("client.key"))
    #expect(CertificateFile.pair(certificate: client, key: key) == .matching)
    #expect(CertificateFile.pair(certificate: client + key, key: client + key) == .matching)
    #expect(CertificateFile.pair(certificate: client, key: try bytes("good.key")) == .different)
    #expect(CertificateFile.pair(certificate: client, key: client) == .noKey)
    #expect(CertificateFile.pair(certificate: client, key: try bytes("locked.key")) == .noKey)
    #expect(CertificateFile.pair(certificate: key, key: key) == .noCertificate)
    #expect(CertificateFile.pair(certificate: [], key: []) == .noCertificate)
  }
}
