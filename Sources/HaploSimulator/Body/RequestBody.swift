/// Reads a request's body in the manner its Content-Type asks for.
enum RequestBody {
  case ignored
  case form(FormBody)
  case multipart(MultipartBody)

  init(of head: RequestHead, wantsContent: Bool, keepIn: String?) {
    if head.isMultipart {
      let type = head.contentType ?? ""
      self = .multipart(MultipartBody(contentType: type, wantsContent: wantsContent, keepIn: keepIn))
    } else {
      self = head.isForm ? .form(FormBody()) : .ignored
    }
  }

  mutating func consume(_ piece: UnsafeRawBufferPointer) {
    switch self {
    case .ignored: break
    case .multipart(let body): body.consume(piece)
    case .form(var form):
      self = .ignored  // so that the bytes are not copied
      form.consume(piece)
      self = .form(form)
    }
  }

  func read() -> BodyReading {
    switch self {
    case .ignored: .parameters(Parameters())
    case .multipart(let body): body.read()
    case .form(let form): form.read()
    }
  }
}

/// What came of a body.
enum BodyReading {
  case parameters(Parameters)
  /// Malformed, truncated, a form over 1 MiB or with a NUL: the server answers 500.
  case broken
  /// A text parameter over 64 KiB: the server answers 500 with words of its own.
  case valueTooLong
}
