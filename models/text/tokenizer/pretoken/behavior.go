package pretoken

import "github.com/seed6700ada1/infer/models/text/tokenizer/aligned"

// Behavior says what becomes of the delimiters that a text is cut at.
type Behavior int

// What becomes of delimiters.
const (
	Isolated           Behavior = iota // each is a piece
	Removed                            // they are dropped
	MergedWithPrevious                 // each ends the piece before it
	MergedWithNext                     // each begins the piece behind it
	Contiguous                         // neighbours are one piece
)

// cutter turns the segments of a text, delimiters and what lies between, into pieces.
// Its rules for delimiters side by side are those of the reference: only the first of
// several that follow each other ends the piece before it, and only the last begins
// the one behind.
type cutter struct {
	behavior Behavior
	text     aligned.Text
	emit     Emit

	start, end int  // the piece that is not sent yet
	open       bool // there is one
	previous   bool // the last segment was a delimiter
}

// segment takes the next segment, in order.
func (c *cutter) segment(start, end int, delimiter bool) error {
	merge := false
	switch c.behavior {
	case Isolated:
	case Removed:
		if delimiter {
			return nil
		}
	case Contiguous:
		merge = delimiter == c.previous
	case MergedWithPrevious:
		merge = delimiter && !c.previous
	case MergedWithNext: // of neighbours, the last
		merge = !delimiter && c.previous
	}
	c.previous = delimiter
	if merge && c.open {
		c.end = end
		return nil
	}
	if err := c.finish(); err != nil {
		return err
	}
	c.start, c.end, c.open = start, end, true
	return nil
}

// finish sends the piece that is open.
func (c *cutter) finish() error {
	if !c.open || c.start == c.end {
		c.open = false
		return nil
	}
	c.open = false
	return c.emit(c.text.Slice(c.start, c.end))
}
