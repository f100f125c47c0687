package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"
)

// steps is how many tokens a decoder makes before it starts again from the past
// that its row names.
const steps = 16

// row is a piece of work to measure.
type row struct {
	group  string // rows of one group have a geometric mean
	name   string
	path   string           // the model file
	shapes map[string][]int // of inputs whose shape the model leaves open

	// Of a decoder; else 0.
	tokens int // that one run takes
	past   int // that the cache holds when the first run begins
}

// decoder says whether the row's model remembers what it was given.
func (r *row) decoder() bool { return r.tokens > 0 }

// runs is how many runs may follow each other before the row starts again; 0 is
// any number.
func (r *row) runs() int {
	switch {
	case !r.decoder():
		return 0
	case r.tokens > 1:
		return 1
	default:
		return steps
	}
}

// allRows lists the work: models below shared, and below llama those of
// make_random_llama.py, in folders 15m and 110m.
func allRows(shared, llama string) []row {
	rows := faces(filepath.Join(shared, "models"))
	language := filepath.Join(shared, "models", "language", "all-MiniLM-L6-v2")
	for _, m := range []struct {
		name, file    string
		batch, length int
	}{
		{"MiniLM, 16 tokens", "model.onnx", 1, 16},
		{"MiniLM, 128 tokens", "model.onnx", 1, 128},
		{"MiniLM, 8 × 64 tokens", "model.onnx", 8, 64},
		{"MiniLM int8, 128 tokens", "model_int8.onnx", 1, 128},
	} {
		shape := []int{m.batch, m.length}
		rows = append(rows, row{
			group: "embedder", name: m.name, path: filepath.Join(language, m.file),
			shapes: map[string][]int{"input_ids": shape, "attention_mask": shape, "token_type_ids": shape},
		})
	}
	rows = append(
		rows,
		row{
			group: "speech and files", name: "Silero VAD, a chunk", path: filepath.Join(shared, "models/speech/silero_vad.onnx"),
			// 512 samples behind 64 of the chunk before
			shapes: map[string][]int{"input": {1, 576}, "state": {2, 1, 128}},
		},
		row{
			group: "speech and files", name: "Magika", path: filepath.Join(shared, "models/files/magika_v3_3/model.onnx"),
			shapes: map[string][]int{"bytes": {1, 2048}},
		},
	)
	return append(rows, decoders(llama)...)
}

// faces are the face models: detectors, an embedder, landmarks.
func faces(models string) []row {
	var rows []row
	for _, m := range []struct{ path, size string }{
		{"face-detect/blazeface/mediapipe_face_detection_full_range", ""},
		{"face-detect/blazeface/mediapipe_face_detection_full_range_sparse", ""},
		{"face-detect/blazeface/mediapipe_face_detection_short_range", ""},
		{"face-detect/retinaface_mbnet0.25", "320x320"},
		{"face-detect/ultralight/version-RFB-320", ""},
		{"face-detect/ultralight/version-RFB-320_simplified", ""},
		{"face-detect/ultralight/version-RFB-320_without_postprocessing", ""},
		{"face-detect/ultralight/version-RFB-640", ""},
		{"face-detect/ultralight/version-slim-320", ""},
		{"face-detect/ultralight/version-slim-320_simplified", ""},
		{"face-detect/yunet/yunet_n_320_320", ""},
		{"face-detect/yunet/yunet_n_640_640", ""},
		{"face-detect/yunet/yunet_n_dynamic", "320x320"},
		{"face-detect/yunet/yunet_s_320_320", ""},
		{"face-detect/yunet/yunet_s_dynamic", "320x320"},
		{"face-embed/MobileFaceNet_foamliu", ""},
		{"face-landmark/mediapipe_face_landmark", ""},
	} {
		r := row{group: "faces", name: filepath.Base(m.path), path: filepath.Join(models, m.path+".onnx")}
		if m.size != "" {
			r.name += ", " + m.size
			r.shapes = map[string][]int{"input": {1, 3, 320, 320}}
		}
		rows = append(rows, r)
	}
	return rows
}

// decoders are random decoders of two sizes and three formats of weights.
func decoders(dir string) []row {
	var rows []row
	for _, past := range []int{32, 1024, 0} {
		for _, size := range []string{"15m", "110m"} {
			for _, format := range []string{"", "int8", "int4"} {
				file := "model.onnx"
				if format != "" {
					file = "model_" + format + ".onnx"
				}
				r := row{
					group: fmt.Sprintf("decode, past %d", past), tokens: 1, past: past,
					name: fmt.Sprintf("Llama %s %s, a token", strings.ToUpper(size), cmp.Or(format, "fp32")),
					path: filepath.Join(dir, size, file),
				}
				if past == 0 {
					r.group, r.tokens = "prefill", 256
					r.name = strings.Replace(r.name, "a token", "256 tokens", 1)
				}
				rows = append(rows, r)
			}
		}
	}
	return rows
}
