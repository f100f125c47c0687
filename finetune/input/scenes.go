package input

import (
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/seed6700ada1/infer/finetune/augment"
	"github.com/seed6700ada1/infer/finetune/data"
	"github.com/seed6700ada1/infer/models/face"
	"github.com/seed6700ada1/infer/models/face/picture"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// The inputs of a step that say what is right.
const (
	AnchorLabels  = "anchor_labels"  // int64 [batch, anchors]
	AnchorOffsets = "anchor_offsets" // float32 [batch, anchors, 4]
)

// Scenes are pictures with boxes for a single-shot detector: batches of pixels
// and of what each anchor holds. Pictures are changed at random, differently in
// each epoch.
type Scenes struct {
	Detector *face.Detector
	Priors   *face.Priors
	Options  augment.Options
	Seed     uint64

	set    *data.Scenes
	faces  []tile // to paste
	things []tile
	epoch  int

	mu   sync.Mutex
	kept map[string]*picture.RGB
	size int // bytes kept
}

// tile is a part of a picture.
type tile struct {
	file    string
	part    face.Box
	face    face.Box
	hasFace bool
}

// mostKept bounds the bytes of pictures that are kept decoded.
const mostKept = 1 << 30

// NewScenes makes batches of a set. Tiles of the other sets are pasted into its
// pictures.
func NewScenes(set *data.Scenes, paste []*data.Scenes) *Scenes {
	s := &Scenes{set: set, kept: map[string]*picture.RGB{}}
	for _, p := range paste {
		for _, x := range p.Scenes {
			for i, t := range x.Tiles {
				if len(x.Faces) > 0 {
					s.faces = append(s.faces, tile{x.File, t, x.Faces[i], true})
				} else {
					s.things = append(s.things, tile{file: x.File, part: t})
				}
			}
		}
	}
	return s
}

// Len is the number of pictures.
func (s *Scenes) Len() int { return len(s.set.Scenes) }

// Size is 1.
func (s *Scenes) Size(int) int { return 1 }

// StartEpoch says which epoch the next batches are of.
func (s *Scenes) StartEpoch(n int) { s.epoch = n }

// Batch makes pictures and what their anchors hold.
func (s *Scenes) Batch(rows []int) (map[string]tensor.Value, error) {
	p := s.Priors
	n, pixels := len(p.Anchors), 3*p.W*p.H
	values := make([]float32, len(rows)*pixels)
	labels, offsets := make([]int64, len(rows)*n), make([]float32, len(rows)*n*4)
	for k, r := range rows {
		scene, err := s.scene(r)
		if err != nil {
			return nil, fmt.Errorf("input: %w", err)
		}
		if err := s.Detector.Pixels(values[k*pixels:(k+1)*pixels], scene.Picture); err != nil {
			return nil, err
		}
		assign(p, scene, labels[k*n:(k+1)*n], offsets[k*n*4:(k+1)*n*4])
	}
	out := map[string]tensor.Value{}
	var err error
	if out[p.Input], err = tensor.FromSlice(values, len(rows), 3, p.H, p.W); err != nil {
		return nil, err
	}
	if out[AnchorLabels], err = tensor.FromSlice(labels, len(rows), n); err != nil {
		return nil, err
	}
	out[AnchorOffsets], err = tensor.FromSlice(offsets, len(rows), n, 4)
	return out, err
}

// scene is a picture of the set as it looks in this epoch.
func (s *Scenes) scene(row int) (augment.Scene, error) {
	r := rand.New(rand.NewPCG(s.Seed^uint64(s.epoch)<<32, uint64(row)))
	first, err := s.open(s.set.Scenes[row])
	if err != nil {
		return first, err
	}
	src := augment.Source{Scene: func(r *rand.Rand) (augment.Scene, error) {
		return s.open(s.set.Scenes[r.IntN(len(s.set.Scenes))])
	}}
	if len(s.faces) > 0 {
		src.Face = func(r *rand.Rand) (augment.Scene, error) { return s.cut(s.faces[r.IntN(len(s.faces))]) }
	}
	if len(s.things) > 0 {
		src.Thing = func(r *rand.Rand) (augment.Scene, error) { return s.cut(s.things[r.IntN(len(s.things))]) }
	}
	return augment.Make(r, first, src, s.Options)
}

func (s *Scenes) open(x data.Scene) (augment.Scene, error) {
	p, err := s.picture(x.File)
	return augment.Scene{Picture: p, Faces: x.Faces, Ignore: x.Ignore}, err
}

func (s *Scenes) cut(t tile) (augment.Scene, error) {
	p, err := s.picture(t.file)
	if err != nil {
		return augment.Scene{}, err
	}
	x, y := int(t.part.X1), int(t.part.Y1)
	part := p.Crop(imageRect(t.part))
	if part.W < 1 || part.H < 1 {
		return augment.Scene{}, fmt.Errorf("%s: the tile %v lies outside", t.file, t.part)
	}
	out := augment.Scene{Picture: part}
	if t.hasFace {
		dx, dy := float64(max(x, 0)), float64(max(y, 0))
		out.Faces = []face.Box{{X1: t.face.X1 - dx, Y1: t.face.Y1 - dy, X2: t.face.X2 - dx, Y2: t.face.Y2 - dy}}
	}
	return out, nil
}

// picture reads a file, or finds it where it was kept.
func (s *Scenes) picture(file string) (*picture.RGB, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.kept[file]; p != nil {
		return p, nil
	}
	p, err := picture.Open(file, picture.Options{})
	if err == nil && s.size+len(p.Pix) <= mostKept {
		s.kept[file], s.size = p, s.size+len(p.Pix)
	}
	return p, err
}
