// Package onnx is an ONNX model in memory, with its reader, writer and
// checker.
//
// The types follow the messages of onnx.proto field by field, as plain Go
// structs: what a file says is what the structs hold, and fields that this
// package does not know are carried along, so that reading and writing lose
// nothing. Files are decoded from the protobuf wire format without generated
// code: one table for each message (schema.go) serves reader and writer.
//
// [Open] maps large files, and raw data of tensors stays where it is; [Parse]
// and [ReadFS] read from memory and file systems. [Tensor.Value] makes the value
// of a constant, from any of the forms that the standard has for it, external
// files included. [Check] tells whether a model is well formed, [Inline] expands
// model-local functions, and [Save] writes a file, or two.
//
// Files are treated as hostile: what a file claims is compared with what it
// holds before anything is allocated, messages may nest only so deep, and
// external data is looked for in the model's folder and nowhere else. An error
// names file, field and byte.
package onnx
