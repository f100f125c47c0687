// Package npy reads and writes NumPy's file formats: .npy, one array, and
// .npz, a zip archive of them.
//
// Versions 1, 2 and 3 are read, in C and Fortran order and either byte order:
// numbers of every width that tensors have, bool, and strings of fixed width
// (dtypes U and S). Written is version 1, little-endian, in C order.
//
// NumPy has no types for bfloat16, float8 and the packed integers. The Python
// package ml_dtypes saves them as raw bytes, an element each (dtypes V1 and V2),
// and so does this package. What such bytes are must be said when they are read,
// with [ReadAs]; by default V2 is bfloat16.
//
// Input is treated as hostile: memory is allocated as data arrives, never for
// what a header claims, and archives have a limit on what they expand to.
// Arrays of Python objects are pickled, and refused.
package npy
