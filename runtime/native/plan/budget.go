package plan

import "github.com/seed6700ada1/infer/runtime/ops"

// budget is the memory of a frame and of the frames of its subgraphs, counted
// together: one model's many values may each be small enough, and too much in
// all. Slots are counted as long as they are kept, values on the heap until the
// frame lets go of them.
type budget struct {
	limit int // bytes; 0 is no limit
	used  int
}

// take counts n bytes more, or fails where these are too many.
func (b *budget) take(n int) error {
	if b.limit > 0 && n > b.limit-b.used {
		return &ops.LimitError{What: "the values of this run", Bytes: b.used + n, Limit: b.limit}
	}
	b.used += n
	return nil
}

// give returns n bytes.
func (b *budget) give(n int) { b.used -= n }
