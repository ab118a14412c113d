import CCurl

extension EasyHandle {
  /// Debian's certificates in one file. A directory of them costs 15 ms a connection, the cached file 0.8 ms.
  static let systemCAFile = "/etc/ssl/certs/ca-certificates.crt"

  /// Sets everything that does not depend on the request.
  func apply(_ options: TransferOptions) {
    setProtocolRules()
    setLimits(options)
    setTrust(options)
    set(CURLOPT_USERAGENT, options.userAgent)
    if let credentials = options.credentials {
      set(CURLOPT_USERNAME, credentials.user)
      set(CURLOPT_PASSWORD, credentials.password)
    }
    // Empty means none; without it libcurl would read the environment.
    set(CURLOPT_PROXY, options.proxy ?? "")
    set(CURLOPT_NOPROXY, "")
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
  }

  private func setLimits(_ options: TransferOptions) {
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_NOSIGNAL, 1)
    // Ending a transfer must not wait for the resolver's thread.
    set(CURLOPT_QUICK_EXIT, 1)
    set(CURLOPT_UPLOAD_BUFFERSIZE, 512 * 1024)
    // libcurl itself asks before sending (`Expect:`) from 1 MiB on.
    set(CURLOPT_EXPECT_100_TIMEOUT_MS, options.leaveTimeout.wholeMilliseconds)
    set(CURLOPT_CONNECTTIMEOUT_MS, max(1, options.connectTimeout.wholeMilliseconds))
    set(CURLOPT_MAXAGE_CONN, Int(options.longestIdle.components.seconds))
    // The server may think for minutes: keeps what stands between from forgetting the connection.
    set(CURLOPT_TCP_KEEPALIVE, 1)
  }

  private func setTrust(_ options: TransferOptions) {
    let caFile = options.caFile ?? Self.systemCAFile
    for option in [CURLOPT_CAINFO, CURLOPT_PROXY_CAINFO] { set(option, caFile) }
    for option in [CURLOPT_CAPATH, CURLOPT_PROXY_CAPATH] { set(option, nil as String?) }
    // An updated file is noticed within the hour.
    set(CURLOPT_CA_CACHE_TIMEOUT, 3600)
    if let file = options.clientCertificateFile { set(CURLOPT_SSLCERT, file) }
    if let file = options.clientKeyFile { set(CURLOPT_SSLKEY, file) }
    // Without a pass phrase OpenSSL would ask for one at the terminal.
    set(CURLOPT_KEYPASSWD, "")
  }
}

extension Duration {
  /// Milliseconds, rounded up; a day less than what fits into 32 bits at most.
  var wholeMilliseconds: Int {
    guard components.seconds < 2_000_000 else { return 2_000_000_000 }
    let (seconds, attoseconds) = components
    return Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }

  /// The duration as systemd writes it, in its largest whole unit: `10min`, `90s`, `200ms`.
  var timeSpan: String {
    let milliseconds = wholeMilliseconds
    let units = [("h", 3_600_000), ("min", 60_000), ("s", 1000)]
    for (name, size) in units where milliseconds >= size && milliseconds % size == 0 {
      return "\(milliseconds / size)\(name)"
    }
    return "\(milliseconds)ms"
  }
}
