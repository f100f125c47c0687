// Package conformance runs the backend test suite of the ONNX standard on any
// engine and reports what passed, by operator and opset.
//
// The suite is a folder of cases. A case of the folders node and simple is a
// folder with a model and sets of inputs and expected outputs; one of the
// folder light is a model whose input is a ramp. [Find] lists cases,
// [Run] runs them, and a [Report] is written as JSON, as a table or as a page.
//
// Outputs are compared as the suite's own runner compares them: floats within a
// relative tolerance of 1e-3 and an absolute one of 1e-7, bfloat16 within two
// units in the last place; everything else, and every type and shape, exactly.
package conformance
