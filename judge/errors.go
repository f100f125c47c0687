package judge

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A TemporaryError is a failure that may pass: a rate limit, an overloaded or broken
// server, an answer that was cut.
type TemporaryError struct {
	Err   error
	After time.Duration // how long the judge asked to be left alone; 0 where it did not say
}

// Error says what failed, and what the judge asked for.
func (e *TemporaryError) Error() string {
	if e.After > 0 {
		return fmt.Sprintf("%v (retry after %v)", e.Err, e.After)
	}
	return e.Err.Error()
}

// Unwrap returns the failure.
func (e *TemporaryError) Unwrap() error { return e.Err }

// Temporary returns the temporary failure in err, and whether it holds one. The end of a
// context is none.
func Temporary(err error) (*TemporaryError, bool) {
	if errors.Is(err, context.Canceled) {
		return nil, false
	}
	var t *TemporaryError
	ok := errors.As(err, &t)
	return t, ok
}
