package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed6700ada1/infer/cmd/infer/internal/demo"
)

// newDemo makes the command that runs other commands.
func newDemo(a *app) *cobra.Command {
	return demo.New(&demo.App{
		Err: a.Err,
		Run: func(ctx context.Context, args []string, out io.Writer) error {
			root := newRoot(&app{Streams: Streams{In: strings.NewReader(""), Out: out, Err: a.Err}, library: a.library})
			root.SetArgs(args)
			if err := root.ExecuteContext(ctx); err != nil {
				return fmt.Errorf("infer %s: %w", args[0], err)
			}
			return nil
		},
	})
}
