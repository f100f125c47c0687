// Package plan makes a graph into a program and runs it.
//
// A [Program] is the graph's nodes, compiled, in order, with everything that
// was a name turned into a number: values into indices, memory into slots. Two
// values share a slot where one is dead before the other is born, so that a run
// touches little memory; a slot grows to the largest tensor that it ever had to
// hold, which makes the plan good for any sizes of the dimensions that the model
// leaves open: a run with other sizes compiles nothing.
//
// What changes from run to run lives in a [Frame]. A program is shared by all
// runs at once; a frame belongs to one run at a time and is kept for the next,
// with its buffers.
package plan
