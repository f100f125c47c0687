//go:build !gorgonia

package gorgonia_test

import (
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/gorgonia"
	"github.com/seed6700ada1/infer/runtime/onnx"
)

func TestLeftOut(t *testing.T) {
	m := &onnx.Model{Graph: &onnx.Graph{}}
	_, err := gorgonia.New().Open(t.Context(), m, runtime.Options{})
	if err == nil || !strings.Contains(err.Error(), "-tags gorgonia") {
		t.Errorf("Open = %v, want an error that says which tag to build with", err)
	}
}
