package data

import (
	"encoding/json"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // formats whose sizes YOLO's labels need
	_ "image/png"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/seed6700ada1/infer/models/face"
	"github.com/seed6700ada1/infer/models/face/faceeval"
)

// cocoFile is what is read of a file of COCO's labels.
type cocoFile struct {
	Images []struct {
		ID   int64  `json:"id"`
		File string `json:"file_name"`
	} `json:"images"`
	Annotations []struct {
		Image int64     `json:"image_id"`
		Box   []float64 `json:"bbox"` // left, top, width, height
		Crowd int       `json:"iscrowd"`
	} `json:"annotations"`
}

// coco reads COCO's labels, of which every box is a face.
func (s *Scenes) coco(o Options) error {
	text, err := os.ReadFile(s.File)
	if err != nil {
		return err
	}
	var c cocoFile
	if err := json.Unmarshal(text, &c); err != nil {
		return err
	}
	at := map[int64]int{}
	for _, i := range c.Images {
		at[i.ID] = len(s.Scenes)
		s.Scenes = append(s.Scenes, Scene{Labels: faceeval.Labels{File: s.picture(i.File)}})
	}
	for n, a := range c.Annotations {
		i, ok := at[a.Image]
		err := fmt.Errorf("annotation %d: image %d and box %v, expected an image of the file and left, top, width, height", n, a.Image, a.Box)
		if ok && len(a.Box) == 4 {
			b := face.Box{X1: a.Box[0], Y1: a.Box[1], X2: a.Box[0] + a.Box[2], Y2: a.Box[1] + a.Box[3]}
			if err = sound(b); err == nil && a.Crowd != 0 {
				s.Scenes[i].Ignore = append(s.Scenes[i].Ignore, b)
			} else if err == nil {
				s.Scenes[i].Faces = append(s.Scenes[i].Faces, b)
			}
		}
		if err == nil {
			continue
		}
		if err := s.bad(o, 0, err); err != nil {
			return err
		}
	}
	return nil
}

// yolo reads a folder of pictures with a file of labels each. A picture without
// one shows no face.
func (s *Scenes) yolo(o Options) error {
	dir := s.File
	if sub := filepath.Join(dir, "images"); exists(sub) {
		dir = sub
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	labelled := false
	for _, e := range entries {
		ext := filepath.Ext(e.Name())
		if !slices.Contains([]string{".jpg", ".jpeg", ".png"}, strings.ToLower(ext)) {
			continue
		}
		scene := Scene{Labels: faceeval.Labels{File: filepath.Join(dir, e.Name())}}
		labels := strings.TrimSuffix(e.Name(), ext) + ".txt"
		for _, path := range []string{filepath.Join(dir, labels), filepath.Join(s.File, "labels", labels)} {
			text, err := os.ReadFile(path)
			if errors.Is(err, os.ErrNotExist) {
				continue
			}
			if err != nil {
				return err
			}
			labelled = true
			if err := s.yoloFile(&scene, path, string(text), o); err != nil {
				return err
			}
		}
		s.Scenes = append(s.Scenes, scene)
	}
	if !labelled {
		s.Scenes = nil
		return errors.New("no labels.jsonl, no .json of COCO, and no .txt of YOLO")
	}
	return nil
}

func (s *Scenes) yoloFile(scene *Scene, path, text string, o Options) error {
	f, err := os.Open(scene.File)
	if err != nil {
		return err
	}
	defer f.Close()
	size, _, err := image.DecodeConfig(f)
	if err != nil {
		return s.bad(o, 0, fmt.Errorf("%s: %w", scene.File, err))
	}
	w, h := float64(size.Width), float64(size.Height)
	for n, line := range strings.Split(text, "\n") {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		var v [4]float64
		err := fmt.Errorf("%s: %q, expected class, middle and size from 0 to 1", path, line)
		if len(fields) >= 5 {
			err = nil
			for i := range v {
				x, e := strconv.ParseFloat(fields[1+i], 64)
				v[i], err = x, errors.Join(err, e)
			}
		}
		b := face.Box{X1: (v[0] - v[2]/2) * w, Y1: (v[1] - v[3]/2) * h, X2: (v[0] + v[2]/2) * w, Y2: (v[1] + v[3]/2) * h}
		if err == nil {
			err = sound(b)
		}
		if err == nil {
			scene.Faces = append(scene.Faces, b)
		} else if err := s.bad(o, n+1, err); err != nil {
			return err
		}
	}
	return nil
}
