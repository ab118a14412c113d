import CCurl
import Glibc

/// One request under way. Lives on the engine's thread alone.
///
/// libcurl sends a POST again by itself when a kept-alive connection ends before the first byte of the
/// answer, and reports success, while the server has seen two. So each transfer counts how often its request
/// is about to be sent, and refuses the second time.
final class Transfer {
  let job: TransferJob
  let handle = EasyHandle()
  private let options: TransferOptions
  private let expects: Bool
  /// True if it goes out on a connection of its own.
  private let isFresh: Bool
  private let sockets: OpenSockets
  /// Bytes of the body.
  private let size: Int64
  /// Where the body comes from while it is sent; nil for one that libcurl was given whole.
  let source: FileSource?
  private var answer = AnswerReader()
  private var sends = 0
  private var isRefusedAgain = false
  private var watch: TransferWatch
  private var reported: Int64 = 0
  /// Our port of the connection that carries the request; nil before and after.
  private(set) var localPort: Int32?
  private var isLeftWhole = false
  /// Bytes that the peer had acknowledged on the connection before the request went out.
  private var acknowledged: UInt64?
  /// True if the peer closed its side of the connection and has acknowledged no byte of the request: it was not received.
  private var isUnreceived = false
  private var handshake = HandshakeNotes()

  /// libcurl sends what it was given whole, below this many bytes, in one call with the headers.
  static let sizeOfLarge: Int64 = 64 * 1024

  /// Prepares the request; nothing is sent yet. `expects`: asks before a large body whether it is wanted
  /// (`Expect:`). `isFresh`: takes no connection that was used before. `boundary` is for a multipart body, `grant` shares out the bandwidth for a file. Throws when the file is
  /// not as it was said to be.
  init(
    _ job: TransferJob, _ options: TransferOptions, expects: Bool, isFresh: Bool, _ sockets: OpenSockets,
    boundary: @autoclosure () -> String, grant: @escaping (Int) -> Int
  ) throws(TransferFailure) {
    self.job = job
    self.options = options
    self.expects = expects
    self.isFresh = isFresh
    self.sockets = sockets
    watch = TransferWatch(stallTimeout: options.stallTimeout, replyTimeout: options.replyTimeout)
    switch job.request.body {
    case .none: (size, source) = (0, nil)
    case .form(let fields):
      let body = FormEncoding.body(of: fields)
      (size, source) = (Int64(body.count), nil)
      handle.setForm(body)
    case .multipart(let fields, let file):
      let frame = MultipartFrame(fields: fields, file: file, boundary: boundary())
      let source = FileSource(file, in: frame, grant: grant)
      size = source.size
      handle.add(header: "Content-Type: \(frame.contentType)")
      if size < Self.sizeOfLarge, options.bandwidthLimit == nil {
        self.source = nil
        handle.setForm(frame.head + (try file.readWhole()) + frame.tail)
      } else {
        try file.checkSize()
        self.source = source
        handle.setSource(source)
      }
    }
    handle.apply(options)
    if !expects { handle.add(header: "Expect:") }
    handle.set(CURLOPT_URL, job.request.url)
    if let cookie = job.request.cookie { handle.set(CURLOPT_COOKIE, cookie) }
    if let longest = job.request.longestIdle { handle.limitIdle(longest) }
    if isFresh { handle.useFreshConnection() }
    unsafe setCallbacks(Unmanaged.passUnretained(self).toOpaque())
  }

  /// What was learned when libcurl has done with it.
  func result(_ code: CURLcode) -> TransferResult {
    report()
    if answer.hasHeaders, source?.failure == nil {
      if let certificate = handshake.certificate { seen(certificate) }
      return .answered(answer.answer(isComplete: code == CURLE_OK || isLeftWhole), sent: sent)
    }
    return .failed(failure(code), sent: sent)
  }

  /// A server that has answered was trusted. Connections that are used again have no handshake.
  private func seen(_ certificate: [UInt8]) {
    guard let onCertificate = options.onCertificate, let end = CertificateExpiry.seconds(ofDER: certificate)
    else { return }
    onCertificate(end)
  }

  /// True when something on the way does not know `Expect:` (status 417), and no byte of the body was read, so
  /// that asking again without it is safe.
  var isToGoWithoutExpect: Bool {
    expects && answer.hasHeaders && answer.status == 417 && source?.highest == 0
  }

  /// True when the peer closed a kept-alive connection before it received anything of the request, so that sending it on a
  /// fresh one is the first time that it is sent.
  var isToGoOnFreshConnection: Bool {
    !isFresh && isUnreceived && !answer.hasHeaders && source?.failure == nil && !job.isCancelled
  }

  /// True when a kept-alive connection was closed by the peer before an answer: its next ones may be as well.
  func hasLostConnection(_ code: CURLcode) -> Bool {
    guard !isFresh, sends > 0, !answer.hasHeaders, code != CURLE_OK else { return false }
    return isRefusedAgain || handle.long(CURLINFO_NUM_CONNECTS) == 0
  }

  /// What is to be said when it is ended from our side.
  func result(endedBy kind: TransferFailure.Kind) -> TransferResult {
    if kind == .noAnswer, answer.hasHeaders {
      return .answered(answer.answer(isComplete: false), sent: sent)
    }
    return .failed(.ended(kind, at: job.place, options), sent: sent)
  }

  /// Tells the caller how far it is, and returns what is overdue by now.
  func look(at now: TransferWatch.Instant) -> TransferFailure.Kind? {
    report()
    watch.observe(progress, at: now)
    return watch.overdue(at: now)
  }

  /// When to look again, if nothing happens.
  var deadline: TransferWatch.Instant? { watch.deadline }

  private var progress: TransferWatch.Progress {
    guard sends > 0, source?.isPaused != true else { return .notTimed }
    if isAllTaken || answer.hasHeaders && answer.status >= 300 { return .waiting }
    return .sending(uploaded)
  }

  private var sent: TransferSent {
    guard sends > 0, !isUnreceived || answer.hasHeaders else { return .nothing }
    if isAllTaken { return .whole }
    // libcurl has begun to count anew, so what was handed to it counts.
    guard isRefusedAgain else { return .part }
    return source?.isExhausted == false ? .part : .whole
  }

  private var uploaded: Int64 { handle.offset(CURLINFO_SIZE_UPLOAD_T) }

  /// True once the system has taken the last byte of the body.
  private var isAllTaken: Bool { source?.isExhausted != false && uploaded >= size }

  private func failure(_ code: CURLcode) -> TransferFailure {
    if let failure = source?.failure { return failure }
    if isRefusedAgain { return .ended(.broken, at: job.place, options) }
    return TransferFailure(code, handle, at: job.place, options, handshake, wasBegun: sends > 0)
  }

  private func report() {
    guard let onProgress = job.request.onProgress else { return }
    let now = uploaded
    guard now > reported else { return }
    reported = now
    onProgress(now)
  }
}

extension Transfer {
  /// Asked each time the request is about to be sent.
  fileprivate func mayBegin(from localPort: Int32) -> Bool {
    sends += 1
    self.localPort = localPort
    if sends == 1 {
      acknowledged = sockets.socket(withPort: localPort).flatMap { TCPProgress(of: $0) }?.acknowledged
    }
    if sends == 1 || options.allowsResending { return true }
    isRefusedAgain = true
    return false
  }

  /// Looks into a connection that is about to be closed for an answer that libcurl has not read: it gives up
  /// when sending fails, while the reason may lie there already. Under TLS it cannot be read any more.
  func takeLeftAnswer(from socket: Int32) {
    localPort = nil
    if sends == 1, handle.long(CURLINFO_NUM_CONNECTS) == 0, let acknowledged,
      let progress = TCPProgress(of: socket)
    {
      let hasClosed = progress.peerHasClosed || handle.long(CURLINFO_OS_ERRNO) == Int(EPIPE)
      isUnreceived = hasClosed && progress.acknowledged == acknowledged
    }
    guard !answer.hasHeaders, isPlain else { return }
    var left = answer
    let isWhole = left.takeAll(from: LeftBytes.read(from: socket))
    guard left.hasHeaders else { return }
    answer = left
    isLeftWhole = isWhole
  }

  private var isPlain: Bool {
    !job.request.url.lowercased().hasPrefix("https:")
      && options.proxy?.lowercased().hasPrefix("https:") != true
  }

  fileprivate func receiveHeader(_ line: UnsafeRawBufferPointer) { unsafe answer.header(line) }

  fileprivate func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard answer.status == 200, let onBody = unsafe job.request.onBody else {
      return unsafe answer.receive(bytes)
    }
    unsafe answer.pass(bytes)
    return unsafe onBody(bytes)
  }

  fileprivate func setCallbacks(_ context: UnsafeMutableRawPointer) {
    let begun = unsafe haplo_curl_set_prerequest(
      handle.pointer,
      { context, _, _, _, port in unsafe transfer(context).mayBegin(from: port) ? 0 : 1 }, context)
    let header = unsafe haplo_curl_set_header_receiver(
      handle.pointer,
      { bytes, size, count, context in
        unsafe transfer(context).receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
        return size * count
      }, context)
    let body = unsafe haplo_curl_set_body_receiver(
      handle.pointer,
      { bytes, size, count, context in
        let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
        return unsafe transfer(context).receiveBody(piece) ? size * count : 0
      }, context)
    let observer: CURLcode =
      isPlain
      ? CURLE_OK
      : unsafe haplo_curl_set_observer(
        handle.pointer,
        { _, kind, bytes, size, context in
          if kind == CURLINFO_SSL_DATA_IN {
            unsafe transfer(context).handshake.receive(UnsafeRawBufferPointer(start: bytes, count: size))
          }
          return 0
        }, context)
    for code in [begun, header, body, observer] { handle.check(code, "a callback") }
  }
}

/// The transfer that a callback is for: its handle is removed from libcurl before it is released.
private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer {
  unsafe Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue()
}
