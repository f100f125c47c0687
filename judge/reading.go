package judge

import (
	"encoding/json"
	"fmt"
)

// A Reason says why an answer gave no verdict.
type Reason string

// The reasons. The zero Reason of a [Reading] made by no constructor reads as
// NotJudged.
const (
	NotJudged  Reason = "not judged"             // nobody was asked, or the run stopped before
	Failed     Reason = "the judge failed"       // no answer arrived
	Empty      Reason = "empty answer"           // an answer arrived and holds nothing
	NoVerdict  Reason = "no verdict found"       // prose without a verdict in it
	Ambiguous  Reason = "contradictory verdicts" // several verdicts, none of them final
	OutOfRange Reason = "outside the scale"      // a number that the scale does not have
	Malformed  Reason = "malformed structure"    // JSON, or a ranking, that cannot be decoded
	Abstained  Reason = "the judge abstained"    // it said that it cannot or will not choose
)

// A Reading is a value of type T that was read from an answer, or the reason why none
// could be read. It has no number to fall back on: who wants the value must ask whether
// there is one. The zero Reading is unscored.
type Reading[T any] struct {
	value  T
	scored bool
	reason Reason
	detail string
}

// Read returns the reading of a value.
func Read[T any](value T) Reading[T] { return Reading[T]{value: value, scored: true} }

// Unscored returns a reading without a value. The detail, which may be empty, says more
// for people: the number that is outside the scale, the error of the judge.
func Unscored[T any](reason Reason, detail string) Reading[T] {
	return Reading[T]{reason: reason, detail: detail}
}

// Value returns the value and whether there is one.
func (r Reading[T]) Value() (T, bool) { return r.value, r.scored }

// Scored says whether there is a value.
func (r Reading[T]) Scored() bool { return r.scored }

// Reason returns why there is no value, and "" where there is one.
func (r Reading[T]) Reason() Reason {
	switch {
	case r.scored:
		return ""
	case r.reason == "":
		return NotJudged
	}
	return r.reason
}

// Detail returns what is known beyond the reason; it may be empty.
func (r Reading[T]) Detail() string { return r.detail }

// String returns the value, or "unscored: reason (detail)".
func (r Reading[T]) String() string {
	switch {
	case r.scored:
		return fmt.Sprint(r.value)
	case r.detail == "":
		return "unscored: " + string(r.Reason())
	}
	return fmt.Sprintf("unscored: %s (%s)", r.Reason(), r.detail)
}

// readingJSON is a reading in a file: {"value":…} or {"unscored":"reason"}.
type readingJSON[T any] struct {
	Value    *T     `json:"value,omitempty"`
	Unscored Reason `json:"unscored,omitempty"`
	Detail   string `json:"detail,omitempty"`
}

// MarshalJSON writes {"value":…} or {"unscored":"reason","detail":"…"}.
func (r Reading[T]) MarshalJSON() ([]byte, error) {
	out := readingJSON[T]{Unscored: r.Reason(), Detail: r.detail}
	if r.scored {
		out.Value = &r.value
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (r *Reading[T]) UnmarshalJSON(data []byte) error {
	var in readingJSON[T]
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	if in.Value != nil {
		*r = Read(*in.Value)
		return nil
	}
	*r = Unscored[T](in.Unscored, in.Detail)
	return nil
}

// Map returns the reading of f(value), and an unscored reading as it is.
func Map[T, U any](r Reading[T], f func(T) U) Reading[U] {
	if r.scored {
		return Read(f(r.value))
	}
	return Unscored[U](r.Reason(), r.detail)
}
