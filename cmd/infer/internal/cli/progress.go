package cli

import (
	"io"

	"github.com/schollz/progressbar/v3"

	"github.com/seed6700ada1/infer/cmd/infer/internal/command"
)

// progressFrom is the number of items from which progress is worth showing.
const progressFrom = 8

// progress shows how far a long command is, on a terminal only.
type progress struct{ bar *progressbar.ProgressBar }

// newProgress starts a bar for n items.
func (a *app) newProgress(n int, what string) *progress {
	if n < progressFrom || !isTerminal(a.Err) {
		return &progress{}
	}
	return &progress{progressbar.NewOptions(n,
		progressbar.OptionSetWriter(a.Err),
		progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionClearOnFinish(),
	)}
}

// set moves the bar to that many items.
func (p *progress) set(done int) {
	if p.bar != nil {
		_ = p.bar.Set(done) // a bar that cannot be drawn is no reason to stop
	}
}

// done takes the bar off the terminal.
func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish() // see set
	}
}

func isTerminal(w io.Writer) bool { return command.IsTerminal(w) }
