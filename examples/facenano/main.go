// Command facenano prepares the training of face-nano, the project's own face
// detector: it writes the untrained network, and lists of what is pasted into
// pictures, from the data that stands beside the project.
//
//	go run ./examples/facenano -out out/face-nano
//
// writes model.onnx, faces.jsonl (FairFace pictures, the face in them found by
// YuNet, and crops whose box is known) and things.jsonl (tiles without a face,
// those under an open licence). models/recipes/face-nano trains on them.
package main

import (
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/seed6700ada1/infer"
	"github.com/seed6700ada1/infer/finetune/data"
	"github.com/seed6700ada1/infer/internal/atomicfile"
	"github.com/seed6700ada1/infer/models/face"
	"github.com/seed6700ada1/infer/models/face/faceeval"
	"github.com/seed6700ada1/infer/models/face/picture"
	"github.com/seed6700ada1/infer/runtime/onnx"
)

func main() {
	out := flag.String("out", "out/face-nano", "folder to write to")
	shared := flag.String("shared", "../shared", "folder of models and data")
	seed := flag.Uint64("seed", 1, "of the weights")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := prepare(ctx, *out, *shared, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "facenano:", err)
		os.Exit(1)
	}
}

func prepare(ctx context.Context, out, shared string, seed uint64) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	m, err := build(seed)
	if err != nil {
		return err
	}
	if err := onnx.Save(filepath.Join(out, "model.onnx"), m, onnx.SaveOptions{}); err != nil {
		return err
	}
	root, err := filepath.Abs(filepath.Join(shared, "data", "faces"))
	if err != nil {
		return err
	}
	faces, err := crops(filepath.Join(root, "crops"))
	if err != nil {
		return err
	}
	large, err := fairFace(ctx, filepath.Join(root, "fairface-subset", "train"), filepath.Join(shared, "models/face-detect/yunet/yunet_n_dynamic.onnx"))
	if err != nil {
		return err
	}
	if err := write(filepath.Join(out, "faces.jsonl"), append(faces, large...)); err != nil {
		return err
	}
	things, err := nonFaces(filepath.Join(root, "nonfaces"))
	if err != nil {
		return err
	}
	fmt.Printf("%d grids of crops, %d larger pictures of faces, %d grids without: %s\n", len(faces), len(large), len(things), out)
	return write(filepath.Join(out, "things.jsonl"), things)
}

func write(path string, scenes []data.Scene) error {
	return atomicfile.Write(path, func(w io.Writer) error { return data.WriteScenes(w, scenes) })
}

// grid is the place of tile i in its file: 10×10 tiles of 64 pixels.
func grid(i int) face.Box {
	const columns, side = 10, 64
	x, y := float64(i%columns*side), float64(i/columns*side)
	return face.Box{X1: x, Y1: y, X2: x + side, Y2: y + side}
}

// crops lists the faces of 64×64, by their grids. A box that reaches past its
// tile is cut.
func crops(dir string) ([]data.Scene, error) {
	byFile := map[string]*data.Scene{}
	var order []string
	err := rows(filepath.Join(dir, "labels.tsv"), func(r row) error {
		t := grid(r.int("tile"))
		b := face.Box{X1: t.X1 + r.float("x1"), Y1: t.Y1 + r.float("y1"), X2: t.X1 + r.float("x2"), Y2: t.Y1 + r.float("y2")}
		b = face.Box{X1: max(b.X1, t.X1), Y1: max(b.Y1, t.Y1), X2: min(b.X2, t.X2), Y2: min(b.Y2, t.Y2)}
		s := byFile[r.text("mosaic")]
		if s == nil {
			s = &data.Scene{Labels: faceeval.Labels{File: filepath.Join(dir, r.text("mosaic"))}}
			byFile[r.text("mosaic")], order = s, append(order, r.text("mosaic"))
		}
		s.Faces, s.Tiles = append(s.Faces, b), append(s.Tiles, t)
		return r.err
	})
	return inOrder(order, byFile), err
}

// nonFaces lists the tiles without a face that are under an open licence.
func nonFaces(dir string) ([]data.Scene, error) {
	byFile := map[string]*data.Scene{}
	var order []string
	err := rows(filepath.Join(dir, "labels.tsv"), func(r row) error {
		if l := r.text("licence"); !strings.HasPrefix(l, "CC BY 4") && !strings.HasPrefix(l, "CC BY 2") && !strings.HasPrefix(l, "CC BY-SA") && !strings.HasPrefix(l, "CC0") {
			return r.err
		}
		s := byFile[r.text("mosaic")]
		if s == nil {
			s = &data.Scene{Labels: faceeval.Labels{File: filepath.Join(dir, r.text("mosaic"))}}
			byFile[r.text("mosaic")], order = s, append(order, r.text("mosaic"))
		}
		s.Tiles = append(s.Tiles, grid(r.int("tile")))
		return r.err
	})
	return inOrder(order, byFile), err
}

func inOrder(order []string, byFile map[string]*data.Scene) []data.Scene {
	list := make([]data.Scene, len(order))
	for i, name := range order {
		list[i] = *byFile[name]
	}
	return list
}

// fairFace finds the face in each FairFace picture; pictures in which there is
// not exactly one are left out.
func fairFace(ctx context.Context, dir, model string) ([]data.Scene, error) {
	s, err := infer.Open(model)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	d, err := face.Open(ctx, s, face.Options{})
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.jpg"))
	if err != nil {
		return nil, err
	}
	var list []data.Scene
	for _, file := range files {
		p, err := picture.Open(file, picture.Options{})
		if err != nil {
			return nil, err
		}
		found, err := d.Detect(ctx, p)
		if err != nil {
			return nil, err
		}
		if len(found) == 1 {
			whole := face.Box{X2: float64(p.W), Y2: float64(p.H)}
			list = append(list, data.Scene{
				Labels: faceeval.Labels{File: file, Faces: []face.Box{found[0].Box.Clip(p.W, p.H)}}, Tiles: []face.Box{whole},
			})
		}
	}
	return list, nil
}

// row is a line of a table with a header.
type row struct {
	columns map[string]int
	fields  []string
	err     error
}

func (r *row) text(name string) string {
	i, ok := r.columns[name]
	if !ok || i >= len(r.fields) {
		r.err = fmt.Errorf("no column %q", name)
		return ""
	}
	return r.fields[i]
}

func (r *row) float(name string) float64 {
	v, err := strconv.ParseFloat(r.text(name), 64)
	if r.err == nil {
		r.err = err
	}
	return v
}

func (r *row) int(name string) int { return int(r.float(name)) }

func rows(path string, each func(row) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	t := csv.NewReader(f)
	t.Comma, t.LazyQuotes = '\t', true
	header, err := t.Read()
	if err != nil {
		return err
	}
	columns := map[string]int{}
	for i, name := range header {
		columns[name] = i
	}
	for {
		fields, err := t.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = each(row{columns: columns, fields: fields})
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
}
