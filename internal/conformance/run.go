package conformance

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
)

// DefaultTimeout is what a case may take where [Options] does not say.
const DefaultTimeout = 2 * time.Minute

// Status is how a case ended.
type Status string

// The ways in which a case can end.
const (
	Passed      Status = "passed"
	Failed      Status = "failed"      // a wrong result, an error, a panic, or no end in time
	Unsupported Status = "unsupported" // the engine said when it opened the model that it lacks an operator
)

// Options choose cases and bound them. The zero value runs all.
type Options struct {
	Op       string        // only cases of this operator; in any case of letters
	Timeout  time.Duration // for a case; 0 is [DefaultTimeout]
	Threads  int           // as in [runtime.Options]
	Progress func(done, total int)
}

// Result is how one case ended.
type Result struct {
	Name   string `json:"name"`
	Op     string `json:"op"` // what the case tests, with its domain where that is not the standard's
	Opset  int    `json:"opset"`
	Status Status `json:"status"`
	Detail string `json:"detail"` // why it did not pass
}

// Run runs the cases on an engine, one after the other. It fails only where ctx
// ends.
func Run(ctx context.Context, e runtime.Engine, cases []Case, opts Options) (*Report, error) {
	r := &runner{engine: e, opts: opts, ops: map[string]subject{}}
	if r.opts.Timeout <= 0 {
		r.opts.Timeout = DefaultTimeout
	}
	report := &Report{Engine: e.Name(), Cases: []Result{}}
	for i := range cases {
		if err := ctx.Err(); err != nil {
			return report, err
		}
		if res, ok := r.run(ctx, &cases[i]); ok {
			report.add(res)
		}
		if opts.Progress != nil {
			opts.Progress(i+1, len(cases))
		}
	}
	return report, ctx.Err()
}

type runner struct {
	engine runtime.Engine
	opts   Options
	ops    map[string]subject // by the name of the case
}

// subject is what a case tests.
type subject struct {
	op    string
	opset int
}

// run runs one case; ok is false where the options leave it out.
func (r *runner) run(ctx context.Context, c *Case) (res Result, ok bool) {
	res = Result{Name: c.Name, Status: Failed}
	m, err := onnx.Open(c.Model)
	if err != nil {
		res.Detail = err.Error()
		return res, r.opts.Op == ""
	}
	s := r.subject(c, m)
	res.Op, res.Opset = s.op, s.opset
	if r.opts.Op != "" && !strings.EqualFold(r.opts.Op, s.op) {
		_ = m.Close() // read only
		return res, false
	}
	res.Status, res.Detail = r.bounded(ctx, c, m)
	return res, true
}

// bounded evaluates a case in a goroutine of its own, which is left behind if it
// does not end in time, with the model that it reads.
func (r *runner) bounded(ctx context.Context, c *Case, m *onnx.Model) (Status, string) {
	ctx, cancel := context.WithTimeout(ctx, r.opts.Timeout)
	defer cancel()
	type outcome struct {
		status Status
		detail string
	}
	done := make(chan outcome, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- outcome{Failed, fmt.Sprintf("panic: %v at %s", p, origin(debug.Stack()))}
			}
		}()
		status, detail := r.evaluate(ctx, c, m)
		_ = m.Close() // read only
		done <- outcome{status, detail}
	}()
	const grace = 5 * time.Second // for an engine to notice that its context ended
	select {
	case o := <-done:
		return o.status, o.detail
	case <-time.After(r.opts.Timeout + grace):
		return Failed, fmt.Sprintf("did not end within %v", r.opts.Timeout)
	}
}

// origin is the function and line of a panic, from its stack: the first frame
// after the machinery of panicking.
func origin(stack []byte) string {
	lines := strings.Split(string(stack), "\n")
	i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "panic(") })
	for i += 2; i > 1 && i+1 < len(lines); i += 2 {
		if strings.HasPrefix(lines[i], "runtime.") {
			continue
		}
		function := lines[i]
		if at := strings.LastIndexByte(function, '('); at > 0 {
			function = function[:at]
		}
		place, _, _ := strings.Cut(strings.TrimSpace(lines[i+1]), " ")
		return fmt.Sprintf("%s (%s)", path.Base(function), filepath.Base(place))
	}
	return "an unknown place"
}

func (r *runner) evaluate(ctx context.Context, c *Case, m *onnx.Model) (Status, string) {
	session, err := r.engine.Open(ctx, m, runtime.Options{Threads: r.opts.Threads})
	if err != nil {
		if unsupported := new(runtime.UnsupportedError); errors.As(err, &unsupported) {
			return Unsupported, err.Error()
		}
		return Failed, err.Error()
	}
	defer session.Close()
	if len(c.Sets) == 0 {
		return Failed, "the case has no data"
	}
	random := slices.ContainsFunc(m.Graph.Nodes, isRandom)
	for i := range c.Sets {
		if detail := evaluateSet(ctx, session, &c.Sets[i], m.Graph, random); detail != "" {
			return Failed, detail
		}
	}
	if random {
		return Passed, "values are random: types and shapes were compared"
	}
	return Passed, ""
}

// isRandom knows the operators whose values the standard leaves to chance.
func isRandom(n *onnx.Node) bool {
	switch n.OpType {
	case "Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike":
		return onnx.CanonicalDomain(n.Domain) == ""
	}
	return false
}

func evaluateSet(ctx context.Context, session runtime.Session, set *Set, g *onnx.Graph, random bool) string {
	inputs, want, err := set.load(g)
	if err != nil {
		return err.Error()
	}
	got, err := session.Run(ctx, inputs)
	if err != nil {
		return err.Error()
	}
	for i, out := range g.Outputs {
		if err := compare(got[out.Name], want[i], random); err != nil {
			return fmt.Sprintf("output %q: %v", out.Name, err)
		}
	}
	return ""
}

// subject finds what a case tests: the operator of its only node. A case named
// X_expanded is X with its operator written out, and counts as X.
func (r *runner) subject(c *Case, m *onnx.Model) subject {
	if base, _, expanded := strings.Cut(c.Name, "_expanded"); expanded {
		if s, ok := r.ops[base]; ok {
			return s
		}
	}
	s := subject{op: "(model)", opset: m.Opset("")}
	const several = 8 // nodes from which a case is about a model, not about an operator
	if len(m.Graph.Nodes) < several {
		i := slices.IndexFunc(m.Graph.Nodes, func(n *onnx.Node) bool { return n.OpType != "Constant" })
		if len(m.Graph.Nodes) > 0 {
			n := m.Graph.Nodes[max(i, 0)]
			s = subject{op: n.OpType, opset: m.Opset(n.Domain)}
			if d := onnx.CanonicalDomain(n.Domain); d != "" {
				s.op = d + "." + n.OpType
			}
		}
	}
	r.ops[c.Name] = s
	return s
}
