// Package all joins the families of operators into the registry that engines
// use. A new family is one line here; a new operator is one line in its
// family's list.
package all

import (
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/attention"
	"github.com/seed6700ada1/infer/runtime/ops/blocked"
	"github.com/seed6700ada1/infer/runtime/ops/contrib"
	"github.com/seed6700ada1/infer/runtime/ops/control"
	"github.com/seed6700ada1/infer/runtime/ops/linear"
	"github.com/seed6700ada1/infer/runtime/ops/loss"
	"github.com/seed6700ada1/infer/runtime/ops/math"
	"github.com/seed6700ada1/infer/runtime/ops/ml"
	"github.com/seed6700ada1/infer/runtime/ops/movement"
	"github.com/seed6700ada1/infer/runtime/ops/nn"
	"github.com/seed6700ada1/infer/runtime/ops/norm"
	"github.com/seed6700ada1/infer/runtime/ops/quant"
	"github.com/seed6700ada1/infer/runtime/ops/random"
	"github.com/seed6700ada1/infer/runtime/ops/recurrent"
	"github.com/seed6700ada1/infer/runtime/ops/reduce"
	"github.com/seed6700ada1/infer/runtime/ops/sequence"
	"github.com/seed6700ada1/infer/runtime/ops/shape"
	"github.com/seed6700ada1/infer/runtime/ops/signal"
	"github.com/seed6700ada1/infer/runtime/ops/text"
	"github.com/seed6700ada1/infer/runtime/ops/training"
	"github.com/seed6700ada1/infer/runtime/ops/vision"
)

// Registry makes the registry of every operator that the project has.
func Registry() (*ops.Registry, error) {
	return ops.NewRegistry(
		contrib.Ops,
		blocked.Ops,
		attention.Ops,
		control.Ops,
		linear.Ops,
		loss.Ops,
		math.Ops,
		ml.Ops,
		movement.Ops,
		nn.Ops,
		norm.Ops,
		quant.Ops,
		random.Ops,
		recurrent.Ops,
		reduce.Ops,
		sequence.Ops,
		shape.Ops,
		signal.Ops,
		training.Ops,
		text.Ops,
		vision.Ops,
	)
}
