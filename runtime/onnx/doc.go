// Package onnx is an ONNX model in memory, with its reader, writer and
// checker.
//
// The types follow the messages of onnx.proto field by field, as plain Go
// structs: what a file says is what the structs hold, and fields that this
// package does not know are carried along, so that reading and writing lose
// nothing. Files are decoded from the protobuf wire format without generated
// code; the raw data of tensors stays where it was read, mapped where that is
// possible.
package onnx
