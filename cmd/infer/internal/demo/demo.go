// Package demo is the command demo: the whole way of the program on one page. It runs the
// program's own commands, one after the other, says each before it runs it, and writes what
// came of them into a report that needs nothing beside it.
package demo

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// The data of the demonstration: what customers of a shop for instruments ask, and what the
// shop answers to each kind of question. Tab-separated: kind and text.
var (
	//go:embed data/questions.tsv
	questions []byte
	//go:embed data/replies.tsv
	replies []byte
)

// App is what the command uses of the program.
type App struct {
	Err io.Writer
	// Run runs a command line of the program, without the program's name; what it prints
	// for programs goes to out.
	Run func(ctx context.Context, args []string, out io.Writer) error
	// Picture is a picture with faces to find, and what its file is called; nil where the
	// program has none.
	Picture     []byte
	PictureName string
}

// demo is a demonstration under way.
type demo struct {
	app    *App
	dir    string // of the files
	report report
}

// New makes the command.
func New(a *App) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show what the program does, in a minute, with what it brings along",
		Long: `Finds faces, writes a tune, fine-tunes a classifier on kinds of questions that it never saw,
lets a judge compare it with what there was before, promotes the winner, and writes a report
of it all, report.html in the folder --out. It needs no network and no file.

Each step is a command of the program, which is printed before it runs.`,
		Example: `  infer demo`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d := &demo{app: a, dir: filepath.Join(out, "demo")}
			return d.run(cmd.Context(), filepath.Join(out, "report.html"))
		},
	}
	cmd.Flags().StringVar(&out, "out", "out", "folder for the report and the files")
	return cmd
}

func (d *demo) printf(format string, args ...any) { fmt.Fprintf(d.app.Err, format, args...) }

// run makes every step, then the report.
func (d *demo) run(ctx context.Context, page string) error {
	begin := time.Now()
	if err := os.MkdirAll(d.dir, 0o755); err != nil {
		return err
	}
	steps := []struct {
		title string
		run   func(context.Context) error
	}{
		{"Find faces", d.faces},
		{"Write a tune", d.tune},
		{"Answer without training", d.base},
		{"Fine-tune the last layer", d.finetune},
		{"Judge the two", d.judge},
		{"Promote the winner", d.promote},
	}
	for i, s := range steps {
		d.printf("\n%d. %s\n", i+1, s.title)
		d.report.Steps = append(d.report.Steps, &step{Title: s.title})
		start := time.Now()
		if err := s.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", strings.ToLower(s.title), err)
		}
		d.step().Seconds = time.Since(start).Seconds()
	}
	d.report.Seconds = time.Since(begin).Seconds()
	if err := d.report.save(page); err != nil {
		return err
	}
	d.printf("\n%s: everything above, in %.1f seconds\n", page, d.report.Seconds)
	return nil
}

// step is the step that runs.
func (d *demo) step() *step { return d.report.Steps[len(d.report.Steps)-1] }

// command says a command, runs it, and returns what it printed for programs.
func (d *demo) command(ctx context.Context, args ...string) ([]byte, error) {
	line := "infer " + spell(args)
	d.printf("   $ %s\n", line)
	d.step().Commands = append(d.step().Commands, line)
	var out bytes.Buffer
	err := d.app.Run(ctx, args, &out)
	return out.Bytes(), err
}

// note says how a step came out, on the terminal and in the report.
func (d *demo) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	d.printf("   %s\n", text)
	d.step().Notes = append(d.step().Notes, text)
}

// spell writes arguments so that a shell reads them back.
func spell(args []string) string {
	words := make([]string, len(args))
	for i, a := range args {
		words[i] = a
		if strings.ContainsAny(a, " \t\n'\"$&|<>;*?") {
			words[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}

// path is a file of the demonstration.
func (d *demo) path(names ...string) string {
	return filepath.Join(append([]string{d.dir}, names...)...)
}

// fresh takes away what an earlier demonstration left in a folder.
func (d *demo) fresh(name string) error { return os.RemoveAll(d.path(name)) }
