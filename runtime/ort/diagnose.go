package ort

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
)

// The messages by which ONNX Runtime says that it does not know something. It
// stops at the first.
var (
	// Could not find an implementation for Foo(13) node with name 'x'
	noKernel = regexp.MustCompile(`Could not find an implementation for (?:[\w.]*[:.])?(\w+)\((\d+)\) node with name '([^']*)'`)
	// Fatal error: com.example:Foo(-1) is not a registered function/op
	noFunction = regexp.MustCompile(`(?:([\w.]*):)?(\w+)\((-?\d+)\) is not a registered function/op`)
	// No Op registered for Foo with domain_version of 13
	noSchema = regexp.MustCompile(`No [Oo]p registered for (\w+) with domain_version of (\d+)`)
	// Unsupported model IR version: 14, max supported IR version: 13
	newIR = regexp.MustCompile(`Unsupported model IR version: (\d+), max supported IR version: (\d+)`)
	// Opset 28 is under development and support for this is limited … for domain ai.onnx is till opset 26
	newOpset = regexp.MustCompile(`Opset (\d+) is under development.*[Cc]urrent official support for domain ([\w.]+) is till opset (\d+)`)
)

// diagnose makes the error of an Open out of ONNX Runtime's message: an
// [*runtime.UnsupportedError] where the message names what is not supported.
func diagnose(m *onnx.Model, cause error) error {
	message := oneLine(strings.TrimPrefix(cause.Error(), "Error creating C session: "))
	if found := noKernel.FindStringSubmatch(message); found != nil {
		return unsupported(m, found[1], found[3], "ONNX Runtime has no kernel for its types")
	}
	if found := noFunction.FindStringSubmatch(message); found != nil {
		return unsupported(m, found[2], "", "")
	}
	if found := noSchema.FindStringSubmatch(message); found != nil {
		return unsupported(m, found[1], "", "")
	}
	if found := newIR.FindStringSubmatch(message); found != nil {
		return &runtime.UnsupportedError{Engine: "ort", Nodes: []runtime.Unsupported{{
			Node: m.Graph.Name, Op: "IR version " + found[1], Opset: m.Opset(""),
			Reason: "this ONNX Runtime reads up to IR version " + found[2],
		}}}
	}
	if found := newOpset.FindStringSubmatch(message); found != nil {
		version, _ := strconv.Atoi(found[1]) // digits, by the pattern
		return &runtime.UnsupportedError{Engine: "ort", Nodes: []runtime.Unsupported{{
			Node: m.Graph.Name, Op: "domain " + found[2], Opset: version,
			Reason: "this ONNX Runtime supports it up to opset " + found[3],
		}}}
	}
	return fmt.Errorf("ort: %s", message)
}

// unsupported lists the nodes with that operator, or the one with that name.
func unsupported(m *onnx.Model, op, node, reason string) error {
	e := &runtime.UnsupportedError{Engine: "ort"}
	for _, n := range m.Graph.Nodes {
		if n.OpType != op || node != "" && n.Name != node {
			continue
		}
		e.Nodes = append(e.Nodes, runtime.Unsupported{
			Node: n.Label(), Op: qualified(n.Domain, op), Opset: m.Opset(n.Domain), Reason: reason,
		})
	}
	if len(e.Nodes) == 0 { // inside of a subgraph or function
		e.Nodes = []runtime.Unsupported{{Node: node, Op: op, Opset: m.Opset(""), Reason: reason}}
	}
	return e
}

func qualified(domain, op string) string {
	if domain = onnx.CanonicalDomain(domain); domain != "" {
		return domain + "." + op
	}
	return op
}
