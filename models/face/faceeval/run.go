package faceeval

import (
	"context"
	"fmt"
	"image"
	"sync"

	"github.com/seed6700ada1/infer/models/face"
	"github.com/seed6700ada1/infer/models/face/picture"
)

// Detector is what is measured; [face.Detector] is one.
type Detector interface {
	Detect(ctx context.Context, img image.Image) ([]face.Face, error)
}

// Detect runs a detector on all pictures, workers at a time, and returns what it
// found in each. The first failure ends it.
func Detect(ctx context.Context, d Detector, labels []Labels, workers int) ([][]face.Face, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	found := make([][]face.Face, len(labels))
	next := make(chan int)
	var wg sync.WaitGroup
	for range max(1, workers) {
		wg.Go(func() {
			for i := range next {
				faces, err := detectFile(ctx, d, labels[i].File)
				if err != nil {
					cancel(err)
					continue
				}
				found[i] = faces
			}
		})
	}
feed:
	for i := range labels {
		select {
		case next <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wg.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return found, nil
}

func detectFile(ctx context.Context, d Detector, path string) ([]face.Face, error) {
	p, err := picture.Open(path, picture.Options{})
	if err != nil {
		return nil, err
	}
	faces, err := d.Detect(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return faces, nil
}
