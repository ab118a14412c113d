// The header says why each function is here; this file makes the target a library.
