//go:build !unix

package onnx

import (
	"errors"
	"os"
)

// mapFile fails: files are read where they cannot be mapped.
func mapFile(*os.File, int) ([]byte, error) { return nil, errors.ErrUnsupported }

func unmapFile([]byte) error { return nil }
