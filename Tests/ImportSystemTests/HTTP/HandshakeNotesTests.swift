@testable import ImportSystem
import Testing

/// What is read from the messages of a TLS handshake.
@Suite struct HandshakeNotesTests {
  private func notes(_ messages: [UInt8]...) -> HandshakeNotes {
    var notes = HandshakeNotes()
    for message in messages { notes.receive(message) }
    return notes
  }

  private static func message(_ type: UInt8, _ body: [UInt8]) -> [UInt8] {
    [type, 0, 0, UInt8(body.count)] + body
  }

  @Test func `certificates are counted in the form of either version`() {
    let old = Self.message(11, [0, 0, 9, 0, 0, 1, 0xaa, 0, 0, 2, 0xbb, 0xbb])
    #expect(notes(old).certificates == 2)
    let new = Self.message(11, [0, 0, 0, 9, 0, 0, 1, 0xaa, 0, 3, 1, 2, 3])
    #expect(notes(new).certificates == 1)
    // The server's own one comes first.
    #expect(notes(old).certificate == [0xaa] && notes(new).certificate == [0xaa])
    #expect(notes().certificate == nil)
  }

  @Test func `a request for a certificate and an alert are noted`() {
    let asked = notes(Self.message(13, [1, 2]), [2, 116])
    #expect(asked.wantsCertificate)
    #expect(asked.refusal == "certificate required")
    #expect(notes([2, 51]).refusal == nil)
  }

  @Test(
    arguments: [[], [13], [13, 0, 0, 9], [22, 3, 3, 0, 13], [11, 0, 0, 1, 0], [11, 0, 0, 3, 0, 0, 9]]
      as [[UInt8]])
  func `anything else is passed over`(bytes: [UInt8]) {
    let notes = notes(bytes)
    #expect(!notes.wantsCertificate && notes.refusal == nil && notes.certificates ?? 0 == 0)
  }
}
