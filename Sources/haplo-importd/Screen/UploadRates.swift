import ImportService

/// How fast uploads go just now, from what successive answers of the daemon say.
struct UploadRates {
  private var last: [String: (upload: StatusReport.Upload, rate: Double?)] = [:]

  /// Takes in an answer. Uploads that are not in it any more are forgotten.
  mutating func observe(_ uploads: [StatusReport.Upload]) {
    var new: [String: (upload: StatusReport.Upload, rate: Double?)] = [:]
    for upload in uploads { new[upload.set] = (upload, rate(of: upload)) }
    last = new
  }

  /// Bytes a second; nil before there are two answers about the same request.
  func known(_ upload: StatusReport.Upload) -> Double? { last[upload.set]?.rate }

  /// Most of the old rate and some of the newest, so that the numbers can be read.
  private func rate(of upload: StatusReport.Upload) -> Double? {
    guard let before = last[upload.set], before.upload.file == upload.file,
      upload.seconds > before.upload.seconds, upload.sent >= before.upload.sent
    else { return nil }
    let newest = Double(upload.sent - before.upload.sent) / (upload.seconds - before.upload.seconds)
    return before.rate.map { 0.7 * $0 + 0.3 * newest } ?? newest
  }
}
