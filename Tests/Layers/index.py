"""Reads the index that the Swift compiler writes beside a debug build: which symbol is defined and used where."""
import ctypes
import os
import shutil
import sys
from collections import namedtuple

DEFINITION, REFERENCE = 1 << 1, 1 << 2
IMPLICIT = 1 << 8
EXTENSION = 9  # kind of a symbol

Occurrence = namedtuple("Occurrence", "path line column usr name kind access roles")


class _Text(ctypes.Structure):
    _fields_ = [("data", ctypes.POINTER(ctypes.c_char)), ("length", ctypes.c_size_t)]

    def __str__(self):
        return ctypes.string_at(self.data, self.length).decode() if self.length else ""


def _library():
    swiftc = os.path.realpath(shutil.which("swiftc") or sys.exit("swiftc is not in the path"))
    path = os.path.join(os.path.dirname(os.path.dirname(swiftc)), "lib", "libIndexStore.so")
    library = ctypes.CDLL(path)
    pointer = ctypes.c_void_p
    for name, result, arguments in [
        ("store_create", pointer, [ctypes.c_char_p, pointer]),
        ("unit_reader_create", pointer, [pointer, ctypes.c_char_p, pointer]),
        ("unit_reader_get_main_file", _Text, [pointer]),
        ("unit_reader_get_output_file", _Text, [pointer]),
        ("unit_reader_dispose", None, [pointer]),
        ("unit_dependency_get_kind", ctypes.c_int, [pointer]),
        ("unit_dependency_get_name", _Text, [pointer]),
        ("unit_dependency_get_filepath", _Text, [pointer]),
        ("record_reader_create", pointer, [pointer, ctypes.c_char_p, pointer]),
        ("record_reader_dispose", None, [pointer]),
        ("occurrence_get_symbol", pointer, [pointer]),
        ("occurrence_get_roles", ctypes.c_uint64, [pointer]),
        ("occurrence_get_line_col", None, [pointer, pointer, pointer]),
        ("symbol_get_usr", _Text, [pointer]),
        ("symbol_get_name", _Text, [pointer]),
        ("symbol_get_kind", ctypes.c_int, [pointer]),
        ("symbol_get_properties", ctypes.c_uint64, [pointer]),
    ]:
        function = getattr(library, "indexstore_" + name)
        function.restype, function.argtypes = result, arguments
    return library


_ON_UNIT = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, _Text)
_ON_ITEM = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, ctypes.c_void_p)
_RECORD = 2  # kind of a unit's dependency


def occurrences(store_path, root):
    """Yields each definition of a symbol and each use of one in the Swift files below `root`, as the last build saw them."""
    library = _library()
    store = library.indexstore_store_create(store_path.encode(), None)
    if not store:
        sys.exit(f"no index in {store_path}: 'make build' writes it")
    newest = {}

    def on_unit(_, name):
        reader = library.indexstore_unit_reader_create(store, str(name).encode(), None)
        path = str(library.indexstore_unit_reader_get_main_file(reader))
        records = []

        def on_dependency(_, dependency):
            if library.indexstore_unit_dependency_get_kind(dependency) == _RECORD:
                if str(library.indexstore_unit_dependency_get_filepath(dependency)) == path:
                    records.append(str(library.indexstore_unit_dependency_get_name(dependency)))
            return True

        if path.startswith(root) and path.endswith(".swift") and os.path.exists(path):
            library.indexstore_unit_reader_dependencies_apply_f(
                ctypes.c_void_p(reader), None, _ON_ITEM(on_dependency))
            written = os.path.getmtime(os.path.join(store_path, "v5", "units", str(name)))
            if records and written > newest.get(path, (0, None))[0]:
                newest[path] = (written, records)
        library.indexstore_unit_reader_dispose(reader)
        return True

    library.indexstore_store_units_apply_f(ctypes.c_void_p(store), 0, None, _ON_UNIT(on_unit))
    for path, (_, records) in sorted(newest.items()):
        for record in records:
            found = []

            def on_occurrence(_, occurrence):
                symbol = library.indexstore_occurrence_get_symbol(occurrence)
                line, column = ctypes.c_uint(), ctypes.c_uint()
                library.indexstore_occurrence_get_line_col(
                    occurrence, ctypes.byref(line), ctypes.byref(column))
                found.append(Occurrence(
                    path, line.value, column.value, str(library.indexstore_symbol_get_usr(symbol)),
                    str(library.indexstore_symbol_get_name(symbol)),
                    library.indexstore_symbol_get_kind(symbol),
                    library.indexstore_symbol_get_properties(symbol) >> 17 & 7,
                    library.indexstore_occurrence_get_roles(occurrence)))
                return True

            reader = library.indexstore_record_reader_create(store, record.encode(), None)
            library.indexstore_record_reader_occurrences_apply_f(
                ctypes.c_void_p(reader), None, _ON_ITEM(on_occurrence))
            library.indexstore_record_reader_dispose(reader)
            yield from found
