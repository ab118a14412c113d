import CCurl

extension TransferFailure {
  /// Says what a code of libcurl means. `wasBegun`: the connection stood, and the request was being sent.
  init(
    _ code: CURLcode, _ handle: EasyHandle, at place: String, _ options: TransferOptions,
    _ handshake: HandshakeNotes, wasBegun: Bool
  ) {
    let (kind, cause, hasRemedy) =
      Self.clientCertificate(code, options, handshake) ?? Self.meaning(of: code, handle, options, handshake)
    let way = options.proxy != nil && !wasBegun ? " (by way of the proxy that Proxy= names)" : ""
    self.init(kind, at: place, cause + way, hasRemedy: hasRemedy)
  }

  /// Describes a transfer that was ended from our side.
  static func ended(_ kind: Kind, at place: String, _ options: TransferOptions) -> TransferFailure {
    let cause =
      switch kind {
      case .stalled: "no byte moved for \(options.stallTimeout.timeSpan) while sending"
      case .noAnswer: "no answer for \(options.replyTimeout.timeSpan) after the request was sent"
      case .broken: "the kept-alive connection was closed before an answer came"
      default: "cancelled"
      }
    return TransferFailure(kind, at: place, cause)
  }

  /// A server that asks for a certificate and does not get one, or one that it accepts, ends the connection: by TLS 1.2
  /// within the handshake, by TLS 1.3 after it, when the request may be on its way already and the alert is never read.
  private static func clientCertificate(
    _ code: CURLcode, _ options: TransferOptions, _ handshake: HandshakeNotes
  ) -> Meaning? {
    switch code {
    case CURLE_SSL_CONNECT_ERROR, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING: break
    default: return nil
    }
    guard handshake.wantsCertificate else { return nil }
    guard let file = options.clientCertificateFile else {
      return (
        .notTrusted,
        "the server asks for a client certificate, and none is configured: set ClientCertificateFile= and "
          + "ClientKeyFile= in [Server]", true
      )
    }
    guard let refusal = handshake.refusal ?? (code == CURLE_SSL_CONNECT_ERROR ? nil : "connection closed")
    else { return nil }
    return (
      .notTrusted,
      "the server refused the client certificate '\(file)' (\(refusal)): check that it has not expired and that the "
        + "server trusts its issuer, then set ClientCertificateFile= and ClientKeyFile= in [Server]", true
    )
  }

  private typealias Meaning = (kind: Kind, cause: String, hasRemedy: Bool)

  private static func meaning(
    of code: CURLcode, _ handle: EasyHandle, _ options: TransferOptions, _ handshake: HandshakeNotes
  ) -> Meaning {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST:
      (.nameNotKnown, "name not known: check URL= and this machine's name service", true)
    case CURLE_COULDNT_RESOLVE_PROXY: (.nameNotKnown, "the proxy's name is not known: check Proxy=", true)
    case CURLE_COULDNT_CONNECT: (.connectionFailed, systemCause(handle) ?? "no connection", false)
    case CURLE_OPERATION_TIMEDOUT:
      (.connectionFailed, "no connection within \(options.connectTimeout.timeSpan)", false)
    // libcurl takes it for the end of an answer when a connection is closed between two lines of headers.
    case CURLE_OK: (.broken, "the connection was closed within the headers of the answer", false)
    case CURLE_GOT_NOTHING: (.broken, "the connection was closed without an answer", false)
    case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE: (.broken, brokenCause(handle), false)
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING:
      (.notHTTP, "what answers there does not speak HTTP: \(words(code, handle))", false)
    case CURLE_URL_MALFORMAT: (.invalidRequest, "not an address: \(words(code, handle))", false)
    default: trust(code, handle, options, handshake) ?? (.connectionFailed, words(code, handle), false)
    }
  }

  private static func trust(
    _ code: CURLcode, _ handle: EasyHandle, _ options: TransferOptions, _ handshake: HandshakeNotes
  ) -> Meaning? {
    switch code {
    case CURLE_PEER_FAILED_VERIFICATION: certificateMeaning(handle, options, handshake)
    case CURLE_SSL_CACERT_BADFILE:
      (
        .notTrusted,
        "cannot read the certificates in '\(options.caFile ?? EasyHandle.systemCAFile)': "
          + "set CAFile=, or install ca-certificates", true
      )
    case CURLE_SSL_CERTPROBLEM:
      (
        .notTrusted,
        "cannot use the client certificate '\(options.clientCertificateFile ?? "")' with its key: "
          + "\(words(code, handle)); check ClientCertificateFile= and ClientKeyFile= in [Server]", true
      )
    case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER: (.notTrusted, handshakeCause(code, handle), false)
    default: nil
    }
  }

  /// A few of OpenSSL's numbers for a certificate (openssl-verify(1)) have a remedy of their own.
  private static func certificateMeaning(
    _ handle: EasyHandle, _ options: TransferOptions, _ handshake: HandshakeNotes
  ) -> Meaning {
    let words = words(CURLE_PEER_FAILED_VERIFICATION, handle)
    let cause = certificateCause(words, handle, options, handshake)
    return (.notTrusted, cause ?? words, cause != nil)
  }

  /// Nil if there is no more to say than OpenSSL's words.
  private static func certificateCause(
    _ words: String, _ handle: EasyHandle, _ options: TransferOptions, _ handshake: HandshakeNotes
  ) -> String? {
    switch handle.long(CURLINFO_SSL_VERIFYRESULT) {
    // Not asked yet: libcurl compares the name first.
    case 0, 1: return "the certificate is for another host name: \(words); check URL= in [Server]"
    case 10:
      return
        "certificate has expired: the server's administrator must renew it (or this machine's clock is wrong)"
    case 9: return "certificate is not yet valid: check this machine's clock"
    case 20...21 where handshake.certificates == 1: return "\(words): \(missingIssuer(options))"
    case 18...21:
      return
        "\(words): the server's CA is not trusted\(options.caFile.map { " by CAFile= '\($0)'" } ?? ""); if the server has "
        + "a CA of its own, set CAFile= in [Server] to its certificate"
    default: return nil
    }
  }

  /// The server sent its own certificate alone, and its issuer is not known here: an intermediate CA that the server leaves
  /// out looks the same as a CA that this machine does not trust.
  private static func missingIssuer(_ options: TransferOptions) -> String {
    guard let file = options.caFile else {
      return
        "the server sent only its own certificate. If a public CA issued it, the server's administrator must add the "
        + "intermediate certificate; if the server has a CA of its own, set CAFile= in [Server] to its certificate"
    }
    return
      "CAFile= '\(file)' did not issue the server's certificate. Set CAFile= in [Server] to the CA that did; if that is "
      + "an intermediate CA, the server's administrator must add its certificate"
  }

  private static func handshakeCause(_ code: CURLcode, _ handle: EasyHandle) -> String {
    let words = words(code, handle)
    // What answered is no TLS at all, so its first bytes make no version.
    let hint = words.contains("wrong version number") ? " (does it speak TLS at this port?)" : ""
    return "TLS failed: \(words)\(hint)"
  }

  private static func brokenCause(_ handle: EasyHandle) -> String {
    if let refusal = tunnelRefusal(handle) { return refusal }
    let words = words(CURLE_RECV_ERROR, handle)
    return "the connection broke before an answer: \(systemCause(handle) ?? words)"
  }

  /// What a proxy answered when it was asked for a way through (CONNECT); nil if it gave one, or was not asked.
  private static func tunnelRefusal(_ handle: EasyHandle) -> String? {
    switch handle.long(CURLINFO_HTTP_CONNECTCODE) {
    case 0, 200..<300: nil
    case 407: "no way through (status 407): it wants USER:PASSWORD@ before its name in Proxy="
    case 403: "no way through (status 403): it does not let this machine connect to there"
    case let status: "no way through (status \(status))"
    }
  }

  /// The system's own words for what a connection suffered; nil if it has none.
  private static func systemCause(_ handle: EasyHandle) -> String? {
    let number = handle.long(CURLINFO_OS_ERRNO)
    guard number != 0 else { return nil }
    let text = SystemError.text(of: Int32(number))
    return text.prefix(1).lowercased() + text.dropFirst()
  }

  private static func words(_ code: CURLcode, _ handle: EasyHandle) -> String {
    var text = handle.message
    if text.isEmpty { text = unsafe String(cString: curl_easy_strerror(code)) }
    for prefix in ["SSL certificate problem: ", "SSL: "] where text.hasPrefix(prefix) {
      text.removeFirst(prefix.count)
    }
    return text
  }
}
