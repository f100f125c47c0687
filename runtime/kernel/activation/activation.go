// Package activation holds the functions that follow a convolution, a matrix
// product or a recurrent gate, so that a kernel can apply them to its results
// while these are still in cache.
//
// All of them work in place on a slice of any length.
package activation

import (
	"fmt"
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	"github.com/seed6700ada1/infer/runtime/kernel/vec"
)

// Float lists the element types that the kernels take.
type Float interface{ float32 | float64 }

// Kind names a function; the names are those of the ONNX operators.
type Kind uint8

// The functions, with their parameters α and β. None leaves values alone.
const (
	None            Kind = iota
	Relu                 // max(x, 0)
	LeakyRelu            // x where x ≥ 0, else α·x
	PRelu                // as LeakyRelu, with an α for each channel
	Clip                 // min(max(x, α), β)
	Sigmoid              // 1 / (1 + e^−x)
	HardSigmoid          // min(max(α·x + β, 0), 1)
	HardSwish            // x · min(max(x/6 + 1/2, 0), 1)
	Tanh                 // (e^x − e^−x) / (e^x + e^−x)
	Swish                // x / (1 + e^−α·x)
	Elu                  // x where x ≥ 0, else α·(e^x − 1)
	ThresholdedRelu      // x where x > α, else 0
	ScaledTanh           // α·tanh(β·x)
	Affine               // α·x + β
	Softsign             // x / (1 + |x|)
	Softplus             // ln(1 + e^x)
	Mish                 // x · tanh(ln(1 + e^x))
	Gelu                 // x/2 · (1 + erf(x/√2))
)

// kinds gives each function its name, the number of parameters that it takes and
// their defaults in the standard.
var kinds = []struct {
	name        string
	params      int
	alpha, beta float32
}{
	None:            {"", 0, 0, 0},
	Relu:            {"Relu", 0, 0, 0},
	LeakyRelu:       {"LeakyRelu", 1, 0.01, 0},
	PRelu:           {"PRelu", math.MaxInt, 0, 0},
	Clip:            {"Clip", 2, -math.MaxFloat32, math.MaxFloat32},
	Sigmoid:         {"Sigmoid", 0, 0, 0},
	HardSigmoid:     {"HardSigmoid", 2, 0.2, 0.5},
	HardSwish:       {"HardSwish", 0, 0, 0},
	Tanh:            {"Tanh", 0, 0, 0},
	Swish:           {"Swish", 1, 1, 0},
	Elu:             {"Elu", 1, 1, 0},
	ThresholdedRelu: {"ThresholdedRelu", 1, 1, 0},
	ScaledTanh:      {"ScaledTanh", 2, 1, 1},
	Affine:          {"Affine", 2, 1, 0},
	Softsign:        {"Softsign", 0, 0, 0},
	Softplus:        {"Softplus", 0, 0, 0},
	Mish:            {"Mish", 0, 0, 0},
	Gelu:            {"Gelu", 0, 0, 0},
}

// Func is a function with its parameters. The zero Func is the identity.
type Func struct {
	Kind        Kind
	Alpha, Beta float32
	Slopes      []float32 // of PRelu, one for each channel
}

// Parse finds a function by its name, "" being the identity, and gives it
// parameters in the order α, β; those that params lacks take the standard's
// defaults. All params of PRelu are its slopes.
func Parse(name string, params []float32) (Func, error) {
	for k, info := range kinds {
		if info.name != name {
			continue
		}
		if len(params) > info.params {
			return Func{}, fmt.Errorf("activation %s takes %d parameters, not %d", name, info.params, len(params))
		}
		f := Func{Kind: Kind(k), Alpha: info.alpha, Beta: info.beta}
		if f.Kind == PRelu {
			f.Slopes = params
			return f, nil
		}
		if len(params) > 0 {
			f.Alpha = params[0]
		}
		if len(params) > 1 {
			f.Beta = params[1]
		}
		return f, nil
	}
	return Func{}, fmt.Errorf("activation %q is not known", name)
}

// Params is how many parameters the function takes, slopes aside.
func (f Func) Params() int {
	if f.Kind == PRelu {
		return 0
	}
	return kinds[f.Kind].params
}

// Channel is the function for one channel: PRelu becomes a LeakyRelu.
func (f Func) Channel(c int) Func {
	if f.Kind == PRelu && c < len(f.Slopes) {
		return Func{Kind: LeakyRelu, Alpha: f.Slopes[c]}
	}
	return f
}

// Apply replaces each value of x. A PRelu must have been narrowed by
// [Func.Channel].
func Apply[T Float](f Func, x []T) {
	alpha, beta := T(f.Alpha), T(f.Beta)
	switch f.Kind {
	case None, PRelu:
	case Relu:
		relu(x)
	case LeakyRelu:
		leakyRelu(x, alpha)
	case Clip:
		clip(x, alpha, beta)
	case HardSigmoid:
		for i, v := range x {
			x[i] = min(max(alpha*v+beta, 0), 1)
		}
	case HardSwish:
		for i, v := range x {
			x[i] = v * min(max(v*(1.0/6)+0.5, 0), 1)
		}
	case ThresholdedRelu:
		for i, v := range x {
			if v <= alpha {
				x[i] = 0
			}
		}
	case Affine:
		for i, v := range x {
			x[i] = alpha*v + beta
		}
	case Softsign:
		for i, v := range x {
			x[i] = v / (1 + max(v, -v))
		}
	default:
		transcendental(f, x)
	}
}

func relu[T Float](x []T) {
	if f, ok := any(x).([]float32); ok {
		vec.Relu(f, f)
		return
	}
	for i, v := range x {
		if v < 0 { // NaN stays
			x[i] = 0
		}
	}
}

func leakyRelu[T Float](x []T, alpha T) {
	for i, v := range x {
		if v < 0 {
			x[i] = alpha * v
		}
	}
}

func clip[T Float](x []T, lo, hi T) {
	for i, v := range x {
		if v < lo {
			v = lo
		}
		if v > hi {
			v = hi
		}
		x[i] = v
	}
}

// transcendental applies the functions that need an exponential.
func transcendental[T Float](f Func, x []T) {
	if v, ok := any(x).([]float32); ok && inFloat32(f, v) {
		return
	}
	alpha, beta := float64(f.Alpha), float64(f.Beta)
	switch f.Kind {
	case Sigmoid:
		elementwise.Sigmoid(x, x)
	case Tanh:
		elementwise.Tanh(x, x)
	case Swish:
		elementwise.Swish[T](alpha)(x, x)
	case Elu:
		for i, v := range x {
			if v < 0 {
				x[i] = T(alpha * math.Expm1(float64(v)))
			}
		}
	case ScaledTanh:
		for i, v := range x {
			x[i] = T(alpha * math.Tanh(beta*float64(v)))
		}
	case Softplus:
		for i, v := range x {
			x[i] = T(softplus(float64(v)))
		}
	case Mish:
		for i, v := range x {
			x[i] = v * T(math.Tanh(softplus(float64(v))))
		}
	case Gelu:
		elementwise.Gelu[T]()(x, x)
	default: // the caller has done those without an exponential
	}
}

// inFloat32 applies the functions that have a kernel of their own in float32.
func inFloat32(f Func, x []float32) bool {
	switch {
	case f.Kind == Sigmoid:
		vec.Sigmoid(x, x)
	case f.Kind == Tanh:
		vec.Tanh(x, x)
	case f.Kind == Gelu:
		vec.Gelu(x, x)
	case f.Kind == Swish && f.Alpha == 1:
		vec.Silu(x, x)
	default:
		return false
	}
	return true
}

// softplus does not overflow where x is large.
func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }
