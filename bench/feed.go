package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// The inputs of a decoder, and what their names begin with.
const (
	maskName     = "attention_mask"
	positionName = "position_ids"
	pastPrefix   = "past_key_values."
	nowPrefix    = "present."
)

// inputs makes the values that a row begins with, alike in every run.
func (r *row) inputs(specs []runtime.ValueSpec) (map[string]*tensor.Tensor, error) {
	values := map[string]*tensor.Tensor{}
	rng := rand.New(rand.NewPCG(1, 2))
	for _, s := range specs {
		if s.Optional {
			continue
		}
		shape, err := r.shape(s)
		if err != nil {
			return nil, err
		}
		if values[s.Name], err = tensor.New(s.Type.DType, shape...); err != nil {
			return nil, fmt.Errorf("input %q: %w", s.Name, err)
		}
		if err := fill(values[s.Name], s.Name, r.past, rng); err != nil {
			return nil, fmt.Errorf("input %q: %w", s.Name, err)
		}
	}
	return values, nil
}

// shape is that of an input: the row's, or else the model's own.
func (r *row) shape(s runtime.ValueSpec) ([]int, error) {
	if shape, ok := r.shapes[s.Name]; ok {
		return shape, nil
	}
	if s.Type == nil || s.Type.Shape == nil {
		return nil, fmt.Errorf("input %q: the model leaves its shape open", s.Name)
	}
	dims := s.Type.Shape.Dims
	shape := make([]int, len(dims))
	for i, d := range dims {
		shape[i] = int(d.Value)
	}
	if r.decoder() {
		switch {
		case s.Name == maskName:
			return []int{1, r.past + r.tokens}, nil
		case len(shape) == 2:
			return []int{1, r.tokens}, nil
		case len(shape) == 4 && strings.HasPrefix(s.Name, pastPrefix):
			shape[0], shape[2] = 1, r.past
		}
	}
	if i := slices.IndexFunc(shape, func(n int) bool { return n < 0 }); i >= 0 {
		return nil, fmt.Errorf("input %q: the model leaves dimension %d of %v open", s.Name, i, s.Type)
	}
	return shape, nil
}

// later is what changes before the run that follows the first n ones, besides
// the cache: the mask and the position grow with it.
func (r *row) later(n int) (map[string]*tensor.Tensor, error) {
	if r.runs() < 2 {
		return nil, nil
	}
	mask, err := tensor.New(tensor.Int64, 1, r.past+n+1)
	if err != nil {
		return nil, err
	}
	position, err := tensor.New(tensor.Int64, 1, 1)
	if err != nil {
		return nil, err
	}
	if err := fill(mask, maskName, 0, nil); err != nil {
		return nil, err
	}
	return map[string]*tensor.Tensor{maskName: mask, positionName: position}, fill(position, positionName, r.past+n, nil)
}

// pairs are the inputs of a decoder that an output becomes.
func (r *row) pairs(specs []runtime.ValueSpec) []runtime.Pair {
	var pairs []runtime.Pair
	for _, s := range specs {
		if rest, ok := strings.CutPrefix(s.Name, pastPrefix); ok && r.decoder() {
			pairs = append(pairs, runtime.Pair{Input: s.Name, Output: nowPrefix + rest})
		}
	}
	return pairs
}

// fill writes what an input of that name means: masks of ones, positions from
// first, the sampling rate, random tokens, bytes and floats.
func fill(t *tensor.Tensor, name string, first int, rng *rand.Rand) error {
	switch t.DType() {
	case tensor.Float32:
		data, err := tensor.Data[float32](t)
		for i := range data {
			data[i] = rng.Float32()
		}
		return err
	case tensor.Int32:
		data, err := tensor.Data[int32](t)
		for i := range data {
			data[i] = rng.Int32N(256)
		}
		return err
	case tensor.Int64:
		data, err := tensor.Data[int64](t)
		for i := range data {
			switch name {
			case maskName:
				data[i] = 1
			case positionName:
				data[i] = int64(first + i)
			case "sr":
				data[i] = 16000
			case "input_ids":
				data[i] = 1000 + rng.Int64N(20000)
			}
		}
		return err
	default:
		return fmt.Errorf("there is no rule for values of %v", t.DType())
	}
}
