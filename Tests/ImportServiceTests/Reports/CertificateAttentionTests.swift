import ImportCore
import Testing

@testable import ImportService

/// Certificates that expire soon.
@Suite struct CertificateAttentionTests {
  private let now = Timestamp("2026-11-30T12:00:00Z")!

  private func texts(server: Duration? = nil, client: Duration? = nil) -> [String] {
    let list = Attention.certificates(
      server: server.map { now.advanced(by: $0) }, client: client.map { now.advanced(by: $0) }, now: now)
    #expect(list.allSatisfy { $0.severity == .warning && $0.isMonitored })
    return list.map(\.text)
  }

  @Test func `a warning comes 14 days before the end, and stays after it`() {
    let days = Duration.seconds(14 * 86_400)
    #expect(texts(server: days).isEmpty)
    #expect(
      texts(server: days - .seconds(1)) == [
        "the server's certificate expires in 13 days, at 2026-12-14T11:59:59Z: its administrator must renew it"
      ])
    #expect(texts(server: .seconds(86_400)).first?.contains("expires in 1 day, at") == true)
    #expect(texts(server: .zero).first?.contains("certificate expired at 2026-11-30T12:00:00Z") == true)
  }

  @Test func `the client's is told with its own remedy, and what is not known is not told`() {
    #expect(
      texts(client: .seconds(3600)) == [
        "the certificate of ClientCertificateFile= expires in 0 days, at 2026-11-30T13:00:00Z: renew it, then reload"
      ])
    #expect(texts(server: .seconds(5), client: .seconds(5)).count == 2)
    #expect(texts().isEmpty)
  }
}
