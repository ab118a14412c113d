import CCrypto
import Glibc

/// Takes in one file of a multipart body: its digest, its size, and, where asked, its bytes in memory (control
/// files only) or in a file under its digest. Its memory does not grow with the upload otherwise.
final class Upload {
  /// The largest control file that is kept in memory to be read.
  static let contentLimit = 16 * 1024 * 1024

  private let filename: String
  private let digest = Digest()
  private let keeping: KeptFile?
  private var size: Int64 = 0
  private var content: [UInt8]?

  init(filename: String, wantsContent: Bool, keepIn directory: String?) {
    self.filename = filename
    content = wantsContent ? [] : nil
    keeping = directory.map(KeptFile.init(directory:))
  }

  func take(_ bytes: UnsafeRawBufferPointer) {
    digest.update(bytes)
    size += Int64(bytes.count)
    keeping?.write(bytes)
    guard let count = content?.count else { return }
    if count + bytes.count > Self.contentLimit {
      content = nil
    } else {
      content?.append(contentsOf: bytes.assumingMemoryBound(to: UInt8.self))
    }
  }

  func finish() -> ReceivedFile {
    let sum = digest.finish()
    keeping?.finish(as: sum)
    return ReceivedFile(filename: filename, digest: sum, size: size, content: content)
  }
}

/// A file that is written while its name, the digest, is not known yet. What is left unfinished is removed.
private final class KeptFile {
  private let directory: String
  private let temporary: String
  private let descriptor: Int32
  private var isIntact: Bool

  init(directory: String) {
    self.directory = directory
    temporary = "\(directory)/.upload-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    isIntact = descriptor >= 0
  }

  func write(_ bytes: UnsafeRawBufferPointer) {
    isIntact = isIntact && writeAll(bytes, to: descriptor)
  }

  func finish(as digest: String) {
    guard isIntact, rename(temporary, "\(directory)/\(digest)") == 0 else {
      standardError("cannot keep \(digest) in \(directory): \(String(cString: strerror(errno)))")
      return
    }
  }

  deinit {
    guard descriptor >= 0 else { return }
    _ = close(descriptor)
    _ = unlink(temporary)
  }
}

/// Computes a SHA-256 as bytes come (OpenSSL's EVP).
private final class Digest {
  private let context: OpaquePointer

  init() {
    context = EVP_MD_CTX_new()!
    precondition(EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1, "libcrypto has no SHA-256")
  }

  deinit { EVP_MD_CTX_free(context) }

  func update(_ bytes: UnsafeRawBufferPointer) {
    _ = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  /// Ends the computation: 64 lower-case digits.
  func finish() -> String {
    var sum = [UInt8](repeating: 0, count: 32)
    _ = EVP_DigestFinal_ex(context, &sum, nil)
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: sum.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
