// Command infer opens pretrained ONNX models and runs them: it finds faces in
// pictures, runs any model on arrays, looks into model files, and measures and
// checks engines.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/seed6700ada1/infer/cmd/infer/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Run(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(code)
}
