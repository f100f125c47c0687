// Package feed makes the inputs of a run from what the command line says:
// files, shapes, and random numbers.
package feed

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// random, in place of a file's name, asks for random numbers.
const random = "random"

// mostBytes bounds a random input: what a slip of the finger in a shape could
// ask for.
const mostBytes = 4 << 30

// Request is what the command line says about the inputs.
type Request struct {
	Inputs []string // NAME=FILE, NAME=random, or a FILE.npz that names its arrays
	Shapes []string // NAME=1x3x240x320
	Seed   uint64   // of random numbers
	// Rest makes the required inputs that are not named random.
	Rest bool
	// Guess chooses the dimensions that the model leaves open, where Shapes does
	// not say them ([Guess]), and adds to Guessed what a user could have said.
	Guess   bool
	Guessed []string
}

// Values makes a value for each input that is named, and with Rest for those
// that are not.
func (r *Request) Values(specs []runtime.ValueSpec) (map[string]tensor.Value, error) {
	shapes, err := parseShapes(r.Shapes, specs)
	if err != nil {
		return nil, err
	}
	if r.Guess {
		r.guess(shapes, specs)
	}
	values := map[string]tensor.Value{}
	rng := rand.New(rand.NewPCG(r.Seed, 0))
	for _, arg := range r.Inputs {
		name, from, named := strings.Cut(arg, "=")
		if !named {
			if err := readArchive(values, arg, specs); err != nil {
				return nil, err
			}
			continue
		}
		spec, err := find(specs, name)
		if err != nil {
			return nil, err
		}
		if values[name] != nil {
			return nil, fmt.Errorf("input %q is given twice", name)
		}
		if from == random {
			values[name], err = Random(spec, shapes[name], rng)
		} else {
			values[name], err = Read(from, spec.Type)
		}
		if err != nil {
			return nil, fmt.Errorf("input %q: %w", name, err)
		}
	}
	for i := range specs {
		if s := &specs[i]; r.Rest && !s.Optional && values[s.Name] == nil {
			if values[s.Name], err = Random(s, shapes[s.Name], rng); err != nil {
				return nil, fmt.Errorf("input %q: %w", s.Name, err)
			}
		}
	}
	return values, nil
}

// guess adds the shapes of required inputs that neither the model nor the user
// has said.
func (r *Request) guess(shapes map[string][]int, specs []runtime.ValueSpec) {
	for i := range specs {
		s := &specs[i]
		read := slices.ContainsFunc(r.Inputs, func(arg string) bool {
			name, from, named := strings.Cut(arg, "=")
			return !named || name == s.Name && from != random
		})
		if shapes[s.Name] != nil || s.Optional || read {
			continue
		}
		if shape := Guess(s.Type); shape != nil {
			shapes[s.Name] = shape
			r.Guessed = append(r.Guessed, s.Name+"="+crossed(shape))
		}
	}
}

// crossed writes a shape as the command line does: 1x3x240x320.
func crossed(shape []int) string {
	parts := make([]string, len(shape))
	for i, n := range shape {
		parts[i] = strconv.Itoa(n)
	}
	return strings.Join(parts, "x")
}

func find(specs []runtime.ValueSpec, name string) (*runtime.ValueSpec, error) {
	i := slices.IndexFunc(specs, func(s runtime.ValueSpec) bool { return s.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("the model has no input %q: it wants %s", name, runtime.Describe(specs))
	}
	return &specs[i], nil
}

// parseShapes reads NAME=1x3x240x320; NAME= is the shape of a scalar.
func parseShapes(args []string, specs []runtime.ValueSpec) (map[string][]int, error) {
	shapes := map[string][]int{}
	for _, arg := range args {
		name, dims, ok := strings.Cut(arg, "=")
		if !ok {
			return nil, fmt.Errorf("shape %q: expected NAME=1x3x240x320", arg)
		}
		if _, err := find(specs, name); err != nil {
			return nil, err
		}
		shape := []int{}
		for d := range strings.SplitSeq(dims, "x") {
			if dims == "" {
				break
			}
			n, err := strconv.Atoi(d)
			if err != nil || n < 0 {
				return nil, fmt.Errorf("shape %q: %q is no dimension, expected NAME=1x3x240x320", arg, d)
			}
			shape = append(shape, n)
		}
		shapes[name] = shape
	}
	return shapes, nil
}

// Random fills a tensor of the input's type: floats from 0 to 1, bools, and
// integers 0 and 1, which are valid as token, type and mask alike. The shape may
// be nil where the model says it.
func Random(spec *runtime.ValueSpec, shape []int, rng *rand.Rand) (tensor.Value, error) {
	typ := spec.Type
	if typ == nil || typ.Kind != onnx.TypeTensor || typ.DType == tensor.Undefined {
		return nil, fmt.Errorf("random values can be made for tensors only, and the model wants %v", typ)
	}
	if shape == nil {
		if typ.Shape == nil {
			return nil, fmt.Errorf("the model leaves the shape open: give it, as --shape %s=1x3x240x320", spec.Name)
		}
		for _, d := range typ.Shape.Dims {
			if !d.IsKnown() {
				return nil, fmt.Errorf("the model leaves dimension %v of %v open: give the shape, as --shape %s=1x3x240x320", d, typ, spec.Name)
			}
			shape = append(shape, int(d.Value))
		}
	}
	n, err := tensor.NumElements(shape)
	if err != nil {
		return nil, err
	}
	if size, err := tensor.ByteSize(typ.DType, n); err != nil || size > mostBytes {
		return nil, fmt.Errorf("shape %s is too large to fill with random numbers", tensor.FormatShape(shape))
	}
	t, err := tensor.New(typ.DType, shape...)
	if err != nil {
		return nil, err
	}
	return t, fill(t, rng)
}

func fill(t *tensor.Tensor, rng *rand.Rand) error {
	switch t.DType() {
	case tensor.Float32:
		return set(t, rng.Float32)
	case tensor.Float64:
		return set(t, rng.Float64)
	case tensor.Float16:
		return set(t, func() tensor.F16 { return tensor.F16From(rng.Float32()) })
	case tensor.BFloat16:
		return set(t, func() tensor.BF16 { return tensor.BF16From(rng.Float32()) })
	case tensor.Bool:
		return set(t, func() bool { return rng.IntN(2) == 1 })
	case tensor.Int64:
		return set(t, func() int64 { return rng.Int64N(2) })
	case tensor.Int32:
		return set(t, func() int32 { return rng.Int32N(2) })
	case tensor.Int16:
		return set(t, func() int16 { return int16(rng.IntN(2)) })
	case tensor.Int8:
		return set(t, func() int8 { return int8(rng.IntN(2)) })
	case tensor.Uint64:
		return set(t, func() uint64 { return rng.Uint64N(2) })
	case tensor.Uint32:
		return set(t, func() uint32 { return rng.Uint32N(2) })
	case tensor.Uint16:
		return set(t, func() uint16 { return uint16(rng.IntN(2)) })
	case tensor.Uint8:
		return set(t, func() uint8 { return uint8(rng.IntN(256)) })
	case tensor.String:
		return nil // empty strings
	default:
		return fmt.Errorf("random values of %v cannot be made", t.DType())
	}
}

func set[T tensor.Element](t *tensor.Tensor, next func() T) error {
	data, err := tensor.Data[T](t)
	for i := range data {
		data[i] = next()
	}
	return err
}
