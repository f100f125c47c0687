// Package native is the project's own engine: plain Go and generated assembly,
// no C.
//
// [Engine.Open] takes a model through passes that rewrite its graph (package
// passes) to a program with its memory planned (package plan); [Session.Run]
// runs the program. Passes and plan are made once for a model, also where
// dimensions are left open.
package native
