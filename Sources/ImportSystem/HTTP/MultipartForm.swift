import CCurl
import Glibc

/// Owns a multipart body of libcurl, whose file is read by callbacks while it is sent, so that memory does
/// not grow with the file.
@safe final class MultipartForm {
  private let handle: EasyHandle
  private let source: FileSource
  private let form: OpaquePointer

  /// Builds the body and gives it to `handle`, which must not be in use.
  init(
    fields: [(name: String, value: String)], file: TransferFile, source: FileSource, for handle: EasyHandle
  ) {
    guard let form = unsafe curl_mime_init(handle.pointer) else {
      preconditionFailure("no memory for a request's body")
    }
    self.handle = handle
    self.source = source
    unsafe self.form = unsafe form
    for field in fields { addField(field.name, field.value) }
    addFile(file)
    handle.check(unsafe haplo_curl_set_mime(handle.pointer, form), "a multipart body")
  }

  deinit { unsafe curl_mime_free(form) }

  private func addField(_ name: String, _ value: String) {
    let part = unsafe curl_mime_addpart(form)
    handle.check(unsafe curl_mime_name(part, name), "a field's name")
    handle.check(unsafe curl_mime_data(part, value, value.utf8.count), "a field's value")
  }

  private func addFile(_ file: TransferFile) {
    let part = unsafe curl_mime_addpart(form)
    handle.check(unsafe curl_mime_name(part, file.field), "a file's field")
    handle.check(unsafe curl_mime_filename(part, file.name), "a file's name")
    handle.check(unsafe curl_mime_type(part, "application/octet-stream"), "a file's type")
    // The form outlives every call of these, and holds the source.
    let context = unsafe Unmanaged.passUnretained(source).toOpaque()
    let code = unsafe curl_mime_data_cb(
      part, curl_off_t(file.size),
      { buffer, size, count, context in
        let source = unsafe Unmanaged<FileSource>.fromOpaque(context!).takeUnretainedValue()
        return unsafe source.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
      },
      { context, offset, origin in
        let source = unsafe Unmanaged<FileSource>.fromOpaque(context!).takeUnretainedValue()
        return origin == SEEK_SET && source.seek(to: Int64(offset)) ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
      }, nil, context)
    handle.check(code, "a file's source")
  }
}
