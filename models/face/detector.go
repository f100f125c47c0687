package face

import (
	"context"
	"fmt"
	"image"
	"strings"

	"github.com/seed6700ada1/infer/models/face/picture"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Options tune a detector. The zero value of a field stands for its default.
type Options struct {
	// Score is the least score of a face; the default is the family's, between
	// 0.5 and 0.6.
	Score float64
	// IoU is the overlap over which the lower of two scores is taken for the
	// same face; the default is the family's, between 0.3 and 0.4.
	IoU float64
	// LongestSide bounds in pixels what models of dynamic size get to see: larger
	// pictures are shrunk. The default is 1024. Models of fixed size see every
	// picture letter-boxed.
	LongestSide int
}

const defaultLongestSide = 1024

// Detector finds faces with one model. It is safe for concurrent use.
type Detector struct {
	session runtime.Session
	family  string
	recipe  recipe
	opts    Options
}

// Open makes a detector of a session, which must stay open as long as the
// detector is used. It may run the model once, to tell variants apart that look
// alike. A model of no known family is an error that lists what was seen.
func Open(ctx context.Context, s runtime.Session, opts Options) (*Detector, error) {
	in, err := imageInput(s)
	if err != nil {
		return nil, fmt.Errorf("face: not a face detector: the model %w", err)
	}
	outs := outputsOf(s)
	if err := probe(ctx, s, in, outs); err != nil {
		return nil, fmt.Errorf("face: %w", err)
	}
	for _, f := range families {
		if !f.match(in, outs) {
			continue
		}
		r, err := f.recipe(ctx, s, in, outs)
		if err != nil {
			return nil, fmt.Errorf("face: %s: %w", f.name, err)
		}
		d := &Detector{session: s, family: f.name, recipe: r, opts: opts}
		if d.opts.Score == 0 {
			d.opts.Score = r.score
		}
		if d.opts.IoU == 0 {
			d.opts.IoU = r.iou
		}
		if d.opts.LongestSide == 0 {
			d.opts.LongestSide = defaultLongestSide
		}
		if err := d.opts.check(); err != nil {
			return nil, err
		}
		return d, nil
	}
	return nil, fmt.Errorf("face: not a face detector that is known (%s): the model takes %s and gives %s",
		familyNames(), runtime.Describe(s.Inputs()[:1]), runtime.Describe(s.Outputs()))
}

func (o *Options) check() error {
	switch {
	case !(o.Score >= 0 && o.Score <= 1):
		return fmt.Errorf("face: score threshold %v, want a number from 0 to 1", o.Score)
	case !(o.IoU >= 0 && o.IoU <= 1):
		return fmt.Errorf("face: IoU threshold %v, want a number from 0 to 1", o.IoU)
	case o.LongestSide < 32 || o.LongestSide > 1<<15:
		return fmt.Errorf("face: longest side of %d pixels, want 32 to %d", o.LongestSide, 1<<15)
	}
	return nil
}

func familyNames() string {
	names := make([]string, len(families))
	for i, f := range families {
		names[i] = f.name
	}
	return strings.Join(names, ", ")
}

// Family is the name of the detector's family, such as "YuNet".
func (d *Detector) Family() string { return d.family }

// Options are the detector's options with defaults filled in.
func (d *Detector) Options() Options { return d.opts }

// Detect finds the faces in a picture, the best first. Boxes and landmarks are
// in pixels of img, from its top left corner.
func (d *Detector) Detect(ctx context.Context, img image.Image) ([]Face, error) {
	p := picture.FromImage(img)
	if p.W == 0 || p.H == 0 {
		return nil, fmt.Errorf("face: the picture has %d×%d pixels", p.W, p.H)
	}
	r := &d.recipe
	boxed, place := r.input.place(p, d.opts.LongestSide)
	t, err := r.input.tensor(boxed)
	if err != nil {
		return nil, fmt.Errorf("face: %w", err)
	}
	out, err := d.session.Run(ctx, map[string]tensor.Value{r.input.name: t})
	if err != nil {
		return nil, fmt.Errorf("face: %w", err)
	}
	faces, err := r.decode(out, boxed.W, boxed.H, d.opts.Score)
	if err != nil {
		return nil, fmt.Errorf("face: %s: %w", d.family, err)
	}
	return d.finish(faces, place, p.W, p.H), nil
}

// finish suppresses doubles and moves faces from the input into the picture of
// w×h pixels. Faces whose middle is in the padding, that are no numbers or less
// than a pixel of the input wide or high are dropped.
func (d *Detector) finish(faces []Face, place picture.Placement, w, h int) []Face {
	sound := faces[:0]
	for _, f := range faces {
		if !f.finite() || f.Box.Width() < 1 || f.Box.Height() < 1 {
			continue
		}
		f.Box.X1, f.Box.Y1 = place.ToPicture(f.Box.X1, f.Box.Y1)
		f.Box.X2, f.Box.Y2 = place.ToPicture(f.Box.X2, f.Box.Y2)
		c := f.Box.Center()
		if c.X < 0 || c.Y < 0 || c.X > float64(w) || c.Y > float64(h) {
			continue
		}
		for i, p := range f.Landmarks {
			f.Landmarks[i].X, f.Landmarks[i].Y = place.ToPicture(p.X, p.Y)
		}
		sound = append(sound, f)
	}
	if d.recipe.blend {
		return suppressBlend(sound, d.opts.IoU)
	}
	return Suppress(sound, d.opts.IoU)
}

// InputSize is the width and height that the model takes, negative where it
// takes any.
func (d *Detector) InputSize() (w, h int) { return d.recipe.input.w, d.recipe.input.h }
