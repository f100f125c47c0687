package runtime

import "errors"

// Pair names an output that a caller feeds back as an input of the next run,
// such as the keys that a decoder remembers.
type Pair struct{ Input, Output string }

// ErrNotCarried says that a model's pairs cannot be carried: the session is to
// be used as it is.
var ErrNotCarried = errors.New("runtime: the values cannot be carried from run to run")

// Carrier is a [Session] whose engine can carry values from run to run without
// copying what is old.
type Carrier interface {
	Session
	// Carry opens the session's model once more, so that the outputs of the pairs
	// are given as *tensor.Cache, and the inputs are taken as such. The error is
	// [ErrNotCarried] where the model is not of the kind for which that is known.
	// Both sessions are to be closed.
	Carry(pairs []Pair) (Session, error)
}
