// Command eval-detectors measures every face detector below a folder on
// labelled pictures and writes the table docs/detectors.md. It runs models on
// the native engine, pictures beside one another.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/seed6700ada1/infer"
	"github.com/seed6700ada1/infer/finetune/data"
	"github.com/seed6700ada1/infer/models/face/faceeval"
)

// about says what the numbers on scenes are worth.
const about = `The boxes of ` + "`scenes`" + ` were made by machine, by the agreement of YuNet-n (dynamic), Ultra-Light RFB-640 and RetinaFace:
these three are judged by what they helped to say, and what none of them sees is missing. A model of fixed size sees
every picture letter-boxed, so that small faces in wide pictures vanish: this, and not its features alone, is what a
320×240 or 128×128 model loses. BlazeFace short range is made for one face within two metres of a phone. Ultra-Light's
files with and without postprocessing, and the simplified ones, are the same weights: equal rows show that both kinds of
output are decoded alike.`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "eval-detectors:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, log io.Writer) error {
	flags := flag.NewFlagSet("eval-detectors", flag.ContinueOnError)
	flags.SetOutput(log)
	shared := flags.String("shared", "../shared", "folder with models/face-detect and data/faces")
	out := flags.String("out", "docs/detectors.md", "page to write")
	use := flags.String("use", "", "only scenes of this use: train or validation; all by default")
	every := flags.Int("every", 1, "only every n-th scene")
	if err := flags.Parse(args); err != nil {
		return err
	}
	suite, err := readSuite(filepath.Join(*shared, "data/faces"), *use, *every)
	if err != nil {
		return err
	}
	models, err := findModels(filepath.Join(*shared, "models/face-detect"))
	if err != nil {
		return err
	}
	var rows []faceeval.Row
	for _, m := range models {
		start := time.Now()
		row, err := measure(ctx, m, suite)
		if err != nil {
			return fmt.Errorf("%s: %w", m, err)
		}
		fmt.Fprintf(log, "%s: recall %d of %d, AP %.3f (%.0f s)\n", row.Model, row.Hit35, row.Labelled, row.AP, time.Since(start).Seconds())
		rows = append(rows, row)
	}
	var page bytes.Buffer
	if err := faceeval.WritePage(&page, rows, suite, about); err != nil {
		return err
	}
	return os.WriteFile(*out, page.Bytes(), 0o644)
}

// readSuite reads the hand-made boxes of both of dlib's lists, and the scenes.
func readSuite(dir, use string, every int) (faceeval.Suite, error) {
	var suite faceeval.Suite
	for _, name := range []string{"testing.xml", "training.xml"} {
		list, err := faceeval.ReadDlib(filepath.Join(dir, "dlib-faces", name))
		if err != nil {
			return suite, err
		}
		suite.HandMade = append(suite.HandMade, list...)
	}
	scenes, err := data.OpenScenes(filepath.Join(dir, "scenes"), data.Options{Strict: true})
	if err != nil {
		return suite, err
	}
	for i, x := range scenes.Scenes {
		if (use == "" || x.Use == use) && i%max(1, every) == 0 {
			suite.Scenes = append(suite.Scenes, x.Labels)
		}
	}
	return suite, nil
}

// findModels lists the .onnx files below dir.
func findModels(dir string) ([]string, error) {
	var models []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && strings.HasSuffix(path, ".onnx") {
			models = append(models, path)
		}
		return err
	})
	if err == nil && len(models) == 0 {
		err = fmt.Errorf("no .onnx file below %s", dir)
	}
	slices.Sort(models)
	return models, err
}

func measure(ctx context.Context, path string, suite faceeval.Suite) (faceeval.Row, error) {
	// One thread a picture: that many pictures at once use the machine better.
	s, err := infer.Open(path, infer.WithThreads(1))
	if err != nil {
		return faceeval.Row{}, err
	}
	defer s.Close()
	return faceeval.Measure(ctx, filepath.Base(path), s, suite, runtime.GOMAXPROCS(0))
}
