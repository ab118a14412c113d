/// Collects a multipart body: short text fields in memory, files through their digest.
final class MultipartBody {
  private enum Part {
    case text(name: String, bytes: [UInt8])
    case file(name: String, Upload)
  }

  private let wantsContent: Bool
  private let keepIn: String?
  private var parser: MultipartParser?
  private var part: Part?
  private var parameters = Parameters()
  private var isTooLong = false

  /// Takes the request's Content-Type; one without a boundary makes the body broken.
  init(contentType: String, wantsContent: Bool, keepIn: String?) {
    self.wantsContent = wantsContent
    self.keepIn = keepIn
    parser = Self.boundary(in: contentType).map(MultipartParser.init(boundary:))
  }

  func consume(_ piece: UnsafeRawBufferPointer) {
    parser?.consume(piece) { event in handle(event) }
  }

  func read() -> BodyReading {
    if isTooLong { return .valueTooLong }
    guard let parser, parser.isComplete else { return .broken }
    return .parameters(parameters)
  }

  private func handle(_ event: MultipartParser.Event) {
    switch event {
    case .partBegan(let header): part = begin(header)
    case .data(let bytes): take(bytes)
    case .partEnded: end()
    }
  }

  private func begin(_ header: PartHeader) -> Part {
    guard let filename = header.filename else { return .text(name: header.name, bytes: []) }
    return .file(name: header.name, Upload(filename: filename, wantsContent: wantsContent, keepIn: keepIn))
  }

  private func take(_ bytes: UnsafeRawBufferPointer) {
    switch part {
    case .file(_, let upload): upload.take(bytes)
    case .text(let name, var kept):
      part = nil  // so that the bytes are not copied
      if kept.count + bytes.count > Parameters.textLimit {
        isTooLong = true
      } else {
        kept.append(contentsOf: bytes.assumingMemoryBound(to: UInt8.self))
      }
      part = .text(name: name, bytes: kept)
    case nil: break
    }
  }

  private func end() {
    switch part {
    case .file(let name, let upload): parameters.files[name] = upload.finish()
    case .text(let name, let bytes): parameters.texts[name] = String(decoding: bytes, as: UTF8.self)
    case nil: break
    }
    part = nil
  }

  private static func boundary(in contentType: String) -> String? {
    for piece in contentType.split(separator: ";").dropFirst() {
      let pair = piece.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
      guard pair.count == 2, pair[0].lowercased() == "boundary" else { continue }
      let text =
        pair[1].first == "\"" ? pair[1].dropFirst().prefix { $0 != "\"" } : pair[1].prefix { $0 != " " }
      return text.isEmpty || text.utf8.count > 70 ? nil : String(text)
    }
    return nil
  }
}
