package data

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed6700ada1/infer/models/face"
	"github.com/seed6700ada1/infer/models/face/faceeval"
)

// Scene is a picture with the boxes of the faces in it, in pixels.
type Scene struct {
	faceeval.Labels
	// Tiles are parts that may be cut out and pasted elsewhere: tile i holds face
	// i, or none has a face, where Faces is empty.
	Tiles []face.Box
}

// Scenes is a list of pictures with boxes.
type Scenes struct {
	File   string
	Scenes []Scene
	Bad    []BadRow
}

// OpenScenes reads detection labels in one of three forms:
//
//   - a .jsonl file, or a folder with labels.jsonl: a picture a line, as
//     {"file", "width", "height", "faces": [[x1,y1,x2,y2,…],…], "ignore": […], "use"}
//   - a .json file of COCO, or a folder with one: boxes are [x, y, width, height],
//     crowds are ignored
//   - a folder of YOLO: for each picture a .txt of the same name, beside it or in
//     labels/ beside images/, with lines of class, middle and size from 0 to 1
//
// Pictures are looked for beside the labels, and in images/ there.
func OpenScenes(path string, o Options) (*Scenes, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	if info.IsDir() {
		if path, err = labelsIn(path); err != nil {
			return nil, err
		}
	}
	s := &Scenes{File: path}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".jsonl", ".ndjson":
		err = s.lines(o)
	case ".json":
		err = s.coco(o)
	case "":
		err = s.yolo(o)
	default:
		err = fmt.Errorf("expected .jsonl, .json (COCO) or a folder")
	}
	var row BadRow
	if err != nil && !errors.As(err, &row) {
		err = fmt.Errorf("data: %s: %w", s.File, err)
	}
	if err == nil && len(s.Scenes) == 0 {
		err = fmt.Errorf("data: %s has no pictures that can be used", s.File)
		if len(s.Bad) > 0 {
			err = fmt.Errorf("%w: %d rows were left out, the first: %w", err, len(s.Bad), s.Bad[0])
		}
	}
	return s, err
}

// labelsIn finds the labels in a folder: the folder itself where they are YOLO's.
func labelsIn(dir string) (string, error) {
	if name := filepath.Join(dir, "labels.jsonl"); exists(name) {
		return name, nil
	}
	for _, pattern := range []string{"*.json", "annotations/*.json"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return "", fmt.Errorf("data: %w", err)
		}
		if len(found) > 1 {
			return "", fmt.Errorf("data: %s has %d files of COCO labels: name one", dir, len(found))
		}
		if len(found) == 1 {
			return found[0], nil
		}
	}
	return strings.TrimSuffix(dir, string(filepath.Separator)), nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// sceneLine is a line of the project's own form.
type sceneLine struct {
	File   string      `json:"file"`
	Faces  [][]float64 `json:"faces"`
	Ignore [][]float64 `json:"ignore,omitempty"`
	Tiles  [][]float64 `json:"tiles,omitempty"`
	Use    string      `json:"use,omitempty"`
}

func (s *Scenes) lines(o Options) error {
	f, err := os.Open(s.File)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, mostLine)
	for n := 1; lines.Scan(); n++ {
		if len(strings.TrimSpace(lines.Text())) == 0 {
			continue
		}
		scene, err := s.line(lines.Bytes())
		if err != nil {
			if err := s.bad(o, n, err); err != nil {
				return err
			}
			continue
		}
		s.Scenes = append(s.Scenes, scene)
	}
	return lines.Err()
}

func (s *Scenes) line(text []byte) (Scene, error) {
	var l sceneLine
	if err := json.Unmarshal(text, &l); err != nil {
		return Scene{}, err
	}
	if l.File == "" {
		return Scene{}, errors.New(`no "file"`)
	}
	scene := Scene{Labels: faceeval.Labels{File: s.picture(l.File), Use: l.Use}}
	for _, list := range []struct {
		from [][]float64
		to   *[]face.Box
	}{{l.Faces, &scene.Faces}, {l.Ignore, &scene.Ignore}, {l.Tiles, &scene.Tiles}} {
		for _, v := range list.from {
			if len(v) < 4 {
				return Scene{}, fmt.Errorf("a box of %d numbers, expected left, top, right, bottom", len(v))
			}
			b := face.Box{X1: v[0], Y1: v[1], X2: v[2], Y2: v[3]}
			if err := sound(b); err != nil {
				return Scene{}, err
			}
			*list.to = append(*list.to, b)
		}
	}
	if len(scene.Tiles) > 0 && len(scene.Faces) > 0 && len(scene.Tiles) != len(scene.Faces) {
		return Scene{}, fmt.Errorf("%d tiles for %d faces", len(scene.Tiles), len(scene.Faces))
	}
	return scene, nil
}

// sound refuses boxes that are none.
func sound(b face.Box) error {
	const most = 1 << 20 // pixels
	for _, v := range []float64{b.X1, b.Y1, b.X2, b.Y2} {
		if !(v > -most && v < most) {
			return fmt.Errorf("a box %v, expected pixels", b)
		}
	}
	if b.Width() <= 0 || b.Height() <= 0 {
		return fmt.Errorf("a box %v, expected left < right and top < bottom", b)
	}
	return nil
}

// picture is the path of a picture that the labels name.
func (s *Scenes) picture(name string) string {
	name = filepath.FromSlash(name)
	if filepath.IsAbs(name) {
		return name
	}
	dir := filepath.Dir(s.File)
	for _, sub := range []string{"", "images", "../images"} {
		if path := filepath.Join(dir, sub, name); exists(path) {
			return path
		}
	}
	return filepath.Join(dir, name)
}

// bad notes a row that cannot be used, or fails.
func (s *Scenes) bad(o Options, line int, reason error) error {
	row := BadRow{File: s.File, Line: line, Reason: reason.Error()}
	if o.Strict {
		return row
	}
	s.Bad = append(s.Bad, row)
	return nil
}

// For is the part of the set that is for a use. Pictures of no use are in all.
func (s *Scenes) For(uses ...string) *Scenes {
	out := &Scenes{File: s.File, Bad: s.Bad}
	for _, x := range s.Scenes {
		if x.Use == "" || slices.Contains(uses, x.Use) {
			out.Scenes = append(out.Scenes, x)
		}
	}
	return out
}

// HasUse reports whether a picture of the set is for one of the uses.
func (s *Scenes) HasUse(uses ...string) bool {
	for _, x := range s.Scenes {
		if slices.Contains(uses, x.Use) {
			return true
		}
	}
	return false
}

// Faces counts the faces.
func (s *Scenes) Faces() int {
	n := 0
	for _, x := range s.Scenes {
		n += len(x.Faces)
	}
	return n
}

// WriteScenes writes lines of the form that [OpenScenes] reads, with the files
// as they are given.
func WriteScenes(w io.Writer, scenes []Scene) error {
	e := json.NewEncoder(w)
	for _, s := range scenes {
		l := sceneLine{File: filepath.ToSlash(s.File), Faces: numbers(s.Faces), Ignore: numbers(s.Ignore), Tiles: numbers(s.Tiles), Use: s.Use}
		if err := e.Encode(l); err != nil {
			return err
		}
	}
	return nil
}

func numbers(boxes []face.Box) [][]float64 {
	list := make([][]float64, len(boxes))
	for i, b := range boxes {
		list[i] = []float64{b.X1, b.Y1, b.X2, b.Y2}
	}
	return list
}

// Split divides the set in two at random; the second has that share of the
// pictures. The same seed divides alike.
func (s *Scenes) Split(share float64, seed uint64) (first, second *Scenes) {
	random := rand.New(rand.NewPCG(seed, 0x73706c6974))
	first, second = &Scenes{File: s.File}, &Scenes{File: s.File}
	for _, x := range s.Scenes {
		to := first
		if random.Float64() < share {
			to = second
		}
		to.Scenes = append(to.Scenes, x)
	}
	return first, second
}
