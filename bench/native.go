package main

import (
	"context"
	"errors"
	"time"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// contender is a model that is ready to run on one of the runtimes.
type contender interface {
	// restart brings back the inputs that the row begins with.
	restart() error
	// run evaluates the model once and says how long that took. Where the model
	// is a decoder, what it remembers is the input of the next run.
	run(ctx context.Context) (time.Duration, error)
	// close gives back all that the contender holds.
	close() error
}

// nativeModel is a contender of the native engine.
type nativeModel struct {
	row     *row
	opened  runtime.Session
	session runtime.Session // the one that carries the cache, where that is known; else opened
	pairs   []runtime.Pair
	first   map[string]*tensor.Tensor
	now     map[string]tensor.Value
	done    int // runs since restart
}

func openNative(ctx context.Context, r *row, m *onnx.Model, threads int) (_ *nativeModel, err error) {
	engine, err := native.New()
	if err != nil {
		return nil, err
	}
	n := &nativeModel{row: r, now: map[string]tensor.Value{}}
	if n.opened, err = engine.Open(ctx, m, runtime.Options{Threads: threads}); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.close())
		}
	}()
	n.session, n.pairs = n.opened, r.pairs(n.opened.Inputs())
	if carrier, ok := n.opened.(runtime.Carrier); ok && len(n.pairs) > 0 {
		s, err := carrier.Carry(n.pairs)
		if err != nil && !errors.Is(err, runtime.ErrNotCarried) {
			return nil, err
		}
		if err == nil {
			n.session = s
		}
	}
	n.first, err = r.inputs(n.opened.Inputs())
	return n, err
}

func (n *nativeModel) restart() error {
	n.done = 0
	for name, t := range n.first {
		n.now[name] = t
	}
	if n.session == n.opened {
		return nil
	}
	for _, p := range n.pairs {
		c, err := tensor.CacheOf(n.first[p.Input])
		if err != nil {
			return err
		}
		n.now[p.Input] = c
	}
	return nil
}

func (n *nativeModel) run(ctx context.Context) (time.Duration, error) {
	start := time.Now()
	out, err := n.session.Run(ctx, n.now)
	took := time.Since(start)
	if err != nil {
		return 0, err
	}
	for _, p := range n.pairs {
		n.now[p.Input] = out[p.Output]
	}
	n.done++
	changed, err := n.row.later(n.done)
	for name, t := range changed {
		n.now[name] = t
	}
	return took, err
}

func (n *nativeModel) close() error {
	err := n.opened.Close()
	if n.session != nil && n.session != n.opened {
		err = errors.Join(err, n.session.Close())
	}
	return err
}
