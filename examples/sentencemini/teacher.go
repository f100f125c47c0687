package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"strings"

	"github.com/seed6700ada1/infer/internal/atomicfile"
	"github.com/seed6700ada1/infer/models/folder"
	"github.com/seed6700ada1/infer/models/text"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
)

// dimension is how many numbers the teacher's vectors have.
const dimension = 384

// teach gives the teacher's vector of each text, which are kept in a file: it takes
// minutes to make them.
func teach(ctx context.Context, e runtime.Engine, r *recipe, texts []string) ([]float32, error) {
	key := sha256.Sum256([]byte(strings.Join(texts, "\n")))
	if data, err := os.ReadFile(r.cache); err == nil && len(data) == len(key)+4*dimension*len(texts) && bytes.Equal(data[:len(key)], key[:]) {
		vectors := make([]float32, dimension*len(texts))
		_, err := binary.Decode(data[len(key):], binary.LittleEndian, vectors)
		return vectors, err
	}
	f, err := folder.Open(r.teacher)
	if err != nil {
		return nil, err
	}
	m, err := onnx.Open(f.Model)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	s, err := e.Open(ctx, m, runtime.Options{Threads: r.threads})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	model, err := text.Open(s, r.teacher)
	if err != nil {
		return nil, err
	}
	embedder, err := text.NewEmbedder(model, text.EmbedOptions{Truncate: true})
	if err != nil {
		return nil, err
	}
	vectors := make([]float32, 0, dimension*len(texts))
	const chunk = 512
	for from := 0; from < len(texts); from += chunk {
		found, err := embedder.Embed(ctx, texts[from:min(from+chunk, len(texts))])
		if err != nil {
			return nil, err
		}
		for _, x := range found {
			if len(x.Vector) != dimension {
				return nil, fmt.Errorf("the teacher's vectors have %d numbers, expected %d", len(x.Vector), dimension)
			}
			vectors = append(vectors, x.Vector...)
		}
		fmt.Fprintf(os.Stderr, "\rteacher: %d of %d", from+len(found), len(texts))
	}
	fmt.Fprintln(os.Stderr)
	data, err := binary.Append(key[:], binary.LittleEndian, vectors)
	if err != nil {
		return nil, err
	}
	return vectors, atomicfile.WriteBytes(r.cache, data)
}
