//go:build !cgo

package ort

import (
	"errors"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
)

// errLeftOut is what a build without cgo has in place of the engine.
var errLeftOut = errors.New("ort: ONNX Runtime was left out of this build, which was made without cgo: build with CGO_ENABLED=1 and a C compiler")

// Available says why the engine cannot be used; nil where it can.
func (e *Engine) Available() error { return errLeftOut }

// Version is the version of the library; without cgo there is none.
func (e *Engine) Version() (string, error) { return "", errLeftOut }

func (e *Engine) open(*onnx.Model, runtime.Options) (runtime.Session, error) {
	return nil, errLeftOut
}
