// Package ops is the contract between operators and engines, and the registry
// that lists what operators there are.
//
// An operator is one or more [Def] values, one for each opset version at which
// its meaning changed. A Def can do two things: infer the types of its outputs
// from those of its inputs, and compile a node into a [Compiled] that runs it.
// Attributes and constant inputs are read, checked and packed when a node is
// compiled; a run sees shapes and buffers and looks nothing up by name.
//
// The operators themselves live one folder a family below this one (ops/nn,
// ops/linear, …), one file an operator, and hand out their Defs as an explicit
// slice; ops/all joins the slices into the registry that engines use. The
// arithmetic lives in runtime/kernel: an operator chooses a kernel, it does not
// loop over elements.
package ops
