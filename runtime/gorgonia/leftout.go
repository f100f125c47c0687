//go:build !gorgonia

package gorgonia

import (
	"context"
	"errors"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
)

func (e *Engine) open(context.Context, *onnx.Model, runtime.Options) (runtime.Session, error) {
	return nil, errors.New("gorgonia: Gorgonia was left out of this build: build with -tags gorgonia")
}
