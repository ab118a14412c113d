import ImportCore
import ImportService

/// One running upload in a line: how far, how fast, how long still.
struct UploadLine {
  let upload: StatusReport.Upload
  /// Bytes a second; nil while nobody can tell.
  let rate: Double?

  /// The rate since the request went out, where no better one is known.
  init(_ upload: StatusReport.Upload, rate: Double? = nil) {
    self.upload = upload
    self.rate = rate ?? (upload.seconds >= 1 ? Double(upload.sent) / upload.seconds : nil)
  }

  /// For programs and files.
  var plain: String {
    "\(upload.set) \(upload.file): \(total.sent) of \(total.size) bytes (\(percent) %)\(place)"
  }

  /// For people, in so many columns: the bar takes what the words leave, up to 30.
  func shown(columns: Int, hasBlocks: Bool) -> String {
    let numbers = " \(percent) %  \(Self.bytes(total.sent)) of \(Self.bytes(total.size))" + speed
    let name = PageStyle.cut(upload.file, to: max(8, columns / 4)) + place + "  "
    let width = min(30, columns - name.count - numbers.count)
    return name + (width < 5 ? "" : bar(width, hasBlocks: hasBlocks)) + numbers
  }

  /// All data files of the set; the control file, which is small, by itself.
  private var total: (sent: Int64, size: Int64) {
    upload.setSize > 0 ? (upload.setSent, upload.setSize) : (upload.sent, upload.size)
  }

  private var share: Double { total.size == 0 ? 1 : min(1, Double(total.sent) / Double(total.size)) }

  private var percent: Int { Int(share * 100) }

  private var place: String {
    upload.files > 1 ? ", file \(min(upload.filesSent + 1, upload.files)) of \(upload.files)" : ""
  }

  private var speed: String {
    if upload.sent >= upload.size { return "  waits for the answer" }
    guard let rate, rate > 0 else { return "" }
    let left = Int64(Double(total.size - total.sent) / rate)
    return "  \(Self.bytes(Int64(rate)))/s  \(LocalClock.span(left)) left"
  }

  private func bar(_ width: Int, hasBlocks: Bool) -> String {
    let full = Int(share * Double(width))
    return String(repeating: hasBlocks ? "█" : "#", count: full)
      + String(repeating: hasBlocks ? "░" : ".", count: width - full)
  }

  /// A size with three digits and its unit (powers of 1024, as in the configuration): `1.21G`.
  static func bytes(_ count: Int64) -> String {
    var value = Double(count)
    for unit in ["B", "K", "M", "G"] {
      if value < 1000 { return unit == "B" ? "\(count)B" : digits(value) + unit }
      value /= 1024
    }
    return digits(value) + "T"
  }

  private static func digits(_ value: Double) -> String {
    let decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0
    let scale = [1.0, 10, 100][decimals]
    let whole = Int64((value * scale).rounded())
    guard decimals > 0 else { return String(whole) }
    let fraction = String(whole % Int64(scale))
    return "\(whole / Int64(scale))." + String(repeating: "0", count: decimals - fraction.count) + fraction
  }
}

/// The speed of uploads just now, from successive answers of the daemon.
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
