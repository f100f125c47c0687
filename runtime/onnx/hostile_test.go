package onnx

import (
	"bytes"
	"runtime"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// TestMemoryOfHostileFiles fills a quarter of a mebibyte with what costs the
// reader most for each byte, and bounds all that reading and checking it allocate,
// freed or not, to what is a gibibyte for a whole one.
func TestMemoryOfHostileFiles(t *testing.T) {
	const size, limit = 1 << 18, 1 << 28
	empty := func(num protowire.Number) []byte { return nested(num, nil) }
	fill := func(b []byte) []byte { return bytes.Repeat(b, size/len(b)) }
	graph := func(inside []byte) []byte { return append([]byte{8, 8}, nested(7, inside)...) }
	tests := map[string][]byte{
		"nodes":            graph(fill(empty(1))),
		"initializers":     graph(fill(empty(5))),
		"sparse":           graph(fill(empty(15))),
		"inputs":           graph(fill(empty(11))),
		"metadata":         graph(fill(empty(16))),
		"node inputs":      graph(nested(1, fill(empty(1)))),
		"attributes":       graph(nested(1, fill(empty(5)))),
		"subgraphs":        graph(nested(1, nested(5, fill(empty(11))))),
		"dims":             graph(nested(5, nested(1, make([]byte, size)))),
		"int32 data":       graph(nested(5, nested(5, make([]byte, size)))),
		"strings":          graph(nested(5, fill(empty(6)))),
		"shape":            graph(nested(11, nested(2, nested(1, nested(2, fill(empty(1))))))),
		"functions":        append(graph(nil), fill(empty(25))...),
		"training":         append(graph(nil), fill(empty(20))...),
		"imports":          append(graph(bytes.Repeat(nested(1, nested(7, []byte("d"))), 1<<14)), bytes.Repeat(nested(8, nested(1, []byte("a"))), 1<<14)...),
		"unknown":          append(graph(nil), fill([]byte{0xf8, 0x7f, 0})...),
		"nodes that clash": graph(fill(nested(1, append(empty(2), nested(1, []byte{'x'})...)))),
	}
	for name, data := range tests {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			m, err := Parse(data)
			if err != nil {
				t.Fatal(err)
			}
			runtime.ReadMemStats(&after)
			t.Logf("reading takes %d MiB", (after.TotalAlloc-before.TotalAlloc)>>20)
			if used := after.TotalAlloc - before.TotalAlloc; used > limit {
				t.Errorf("reading allocates %d bytes", used)
			}
			_ = Check(m) // finds much, of which it tells little
			var heap runtime.MemStats
			runtime.ReadMemStats(&heap)
			if used := heap.TotalAlloc - after.TotalAlloc; used > limit {
				t.Errorf("checking allocates %d bytes", used)
			}
		})
	}
}
