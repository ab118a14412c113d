import CCurl
import Glibc

/// Owns one easy handle of libcurl. Options of ours are always valid, so that one that is refused is our own
/// bug, or the end of memory, and traps.
@safe final class EasyHandle {
  let pointer: UnsafeMutableRawPointer
  private let errorText: UnsafeMutablePointer<CChar>
  private var headers: UnsafeMutablePointer<curl_slist>?

  init() {
    guard let pointer = unsafe curl_easy_init() else { preconditionFailure("no memory for a transfer") }
    unsafe self.pointer = unsafe pointer
    unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    check(unsafe haplo_curl_set_error_buffer(pointer, errorText), "an error buffer")
  }

  deinit {
    unsafe curl_easy_cleanup(pointer)
    unsafe curl_slist_free_all(headers)
    unsafe errorText.deallocate()
  }

  /// Tells this handle from all others that live.
  var number: Int { unsafe Int(bitPattern: pointer) }

  func set(_ option: CURLoption, _ value: Int) {
    check(unsafe haplo_curl_set_long(pointer, option, value), "option \(option.rawValue)")
  }

  /// Sets text; nil puts the option back to nothing.
  func set(_ option: CURLoption, _ text: String?) {
    let code =
      if let text {
        unsafe haplo_curl_set_text(pointer, option, text)
      } else {
        unsafe haplo_curl_set_text(pointer, option, nil)
      }
    check(code, "option \(option.rawValue)")
  }

  func setForm(_ bytes: [UInt8]) {
    let code = unsafe bytes.withUnsafeBytes { buffer in
      // An empty array may have no address, which libcurl would take for "read it from standard input".
      unsafe buffer.isEmpty
        ? unsafe haplo_curl_set_form(pointer, "", 0)
        : unsafe haplo_curl_set_form(pointer, buffer.baseAddress, Int64(buffer.count))
    }
    check(code, "a form")
  }

  /// Has the body read from `source` while it is sent; `source` must outlive the transfer.
  func setSource(_ source: FileSource) {
    let code = unsafe haplo_curl_set_source(
      pointer,
      { buffer, size, count, context in
        let source = unsafe Unmanaged<FileSource>.fromOpaque(context!).takeUnretainedValue()
        return unsafe source.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
      },
      { context, offset, origin in
        let source = unsafe Unmanaged<FileSource>.fromOpaque(context!).takeUnretainedValue()
        return origin == SEEK_SET && source.seek(to: Int64(offset)) ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
      }, Unmanaged.passUnretained(source).toOpaque(), source.size)
    check(code, "a body's source")
  }

  /// Lets the request take no connection that has idled for longer; with zero, none that was there before.
  func limitIdle(_ longest: Duration) {
    if longest > .zero {
      set(CURLOPT_MAXAGE_CONN, max(1, Int(longest.components.seconds)))
    } else {
      set(CURLOPT_FRESH_CONNECT, 1)
    }
  }

  /// Has the request go out on a connection of its own.
  func useFreshConnection() { set(CURLOPT_FRESH_CONNECT, 1) }

  /// Adds a header; with nothing after its colon, takes it out.
  func add(header: String) {
    guard let list = unsafe curl_slist_append(headers, header) else {
      preconditionFailure("no memory for a header")
    }
    unsafe headers = unsafe list
    check(unsafe haplo_curl_set_headers(pointer, list), "a header")
  }

  func setProtocolRules() { check(unsafe haplo_curl_set_protocol_rules(pointer), "HTTP's rules") }

  func long(_ info: CURLINFO) -> Int { unsafe haplo_curl_get_long(pointer, info) }

  /// -1 when libcurl does not know it.
  func offset(_ info: CURLINFO) -> Int64 { unsafe haplo_curl_get_offset(pointer, info) }

  /// What libcurl says about the failure, in English; empty when it says nothing.
  var message: String { unsafe String(cString: errorText) }

  func check(_ code: CURLcode, _ what: @autoclosure () -> String) {
    precondition(code == CURLE_OK, "libcurl refuses \(what()): code \(code.rawValue)")
  }
}

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
