package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/cmd/infer/internal/judging"
	"github.com/seed6700ada1/infer/cmd/infer/internal/language"
	"github.com/seed6700ada1/infer/models/folder"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
)

// openModel reads a model file.
func openModel(path string) (*onnx.Model, error) {
	path, err := localModel(path)
	if err != nil {
		return nil, err
	}
	f, err := folder.Open(path)
	if err != nil {
		return nil, err
	}
	return onnx.Open(f.Model)
}

// opened is a model with a session on it.
type opened struct {
	runtime.Session
	model *onnx.Model
}

// openSession reads a model file and makes it ready to run.
func (a *app) openSession(ctx context.Context, path, engine string, opts runtime.Options) (*opened, error) {
	e, err := a.engine(engine)
	if err != nil {
		return nil, err
	}
	if err := checkThreads(opts.Threads); err != nil {
		return nil, err
	}
	m, err := openModel(path)
	if err != nil {
		return nil, err
	}
	s, err := e.Open(ctx, m, opts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &opened{Session: s, model: m}, nil
}

// languageEnv is what the commands for language models are given.
func (a *app) languageEnv() *language.Env {
	return &language.Env{
		In: a.In, Out: a.Out, Err: a.Err,
		Open: func(ctx context.Context, path, engine string, opts runtime.Options) (runtime.Session, error) {
			s, err := a.openSession(ctx, path, engine, opts)
			if err != nil {
				return nil, err // and not a session that is there and nil
			}
			return s, nil
		},
		Local: localModel, Default: defaultModel,
		Flags: func(cmd *cobra.Command, engine *string, threads *int) {
			engineFlag(cmd, engine)
			threadsFlag(cmd, threads)
		},
	}
}

// judgingApp is what the commands for judging are given.
func (a *app) judgingApp() *judging.App {
	return &judging.App{
		In: a.In, Out: a.Out, Err: a.Err, Terminal: isTerminal(a.Err), Usage: usagef, Local: localModel,
		Open: func(ctx context.Context, path, engine string) (runtime.Session, error) {
			return a.languageEnv().Open(ctx, path, engine, runtime.Options{})
		},
	}
}

// Close ends the session, then lets go of the model's file.
func (o *opened) Close() error {
	err := o.Session.Close()
	if e := o.model.Close(); err == nil {
		err = e
	}
	return err
}
